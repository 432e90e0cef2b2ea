// SPDX-License-Identifier: Apache-2.0
// Labelled requests of the built-in kinds, for probes of models that come without any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pangu/chat.h"

namespace pangu::adaptive {

/// Changes whenever the same options give other requests.
inline constexpr int kExamplesVersion = 1;

struct RequestExample {
  std::string kind;
  std::string group;              ///< its wording: examples of one wording are kept back together
  std::vector<Message> messages;  ///< the last is the user's
};

/// `per_kind` requests of each built-in kind, wordings in turn: with and without polite words
/// around them, typing errors, earlier turns, in English, Chinese and mixtures. The same for the
/// same arguments on every machine.
std::vector<RequestExample> make_request_examples(int per_kind, std::uint64_t seed);

/// One line of JSON with its newline: {"kind", "group", "text"}, or "messages" where there are
/// several.
std::string example_line(const RequestExample& example);

}  // namespace pangu::adaptive
