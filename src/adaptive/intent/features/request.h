// SPDX-License-Identifier: Apache-2.0
// The part of a conversation that says what is wanted: what recognition reads.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pangu/chat.h"

namespace pangu::adaptive {

/// The last thing a user said, and what came before it. Long texts are cut, so that recognition
/// costs the same whatever a request carries along.
struct Request {
  std::string text;     ///< at most kRequestHeadBytes + kRequestTailBytes
  std::string context;  ///< the end of what precedes it, at most kRequestContextBytes; or empty

  bool operator==(const Request&) const = default;
};

// What a request asks for stands at its beginning or its end, seldom in the middle of a passage.
inline constexpr std::size_t kRequestHeadBytes = 3072, kRequestTailBytes = 1024,
                             kRequestContextBytes = 512;

/// A request without a conversation.
Request request_of(std::string_view text);

/// The last user message, and as its context what all messages before it said, but system messages:
/// those say how to answer, not what is asked. Throws InputError if no user said anything.
Request request_of(std::span<const Message> messages);

}  // namespace pangu::adaptive
