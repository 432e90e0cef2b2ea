// SPDX-License-Identifier: Apache-2.0
// Feeds protocols with made-up replies, and takes their streams apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "serve/api/reply_run.h"

namespace pangu::test {

/// Tokens of a reply: those of thoughts begin with '~', which is left out; "+NAME" begins a call,
/// which '=' and a piece of its arguments goes on with.
struct MadeUpReply {
  std::vector<std::string> tokens;
  FinishReason finish = FinishReason::kStop;
  std::string stop_text = {};

  GeneratedToken token(std::size_t i) const;
  /// What token `i` adds to the calls.
  ToolCallDelta call_delta(std::size_t i) const;
  /// What it comes to: a prompt of 10 tokens, 4 of them from the cache.
  Generation generation() const;
  std::vector<serve::Choice> choices() const;
};

/// All that a stream sends.
std::string streamed(serve::Protocol& protocol, const MadeUpReply& reply);

/// Events of a stream, each with the type before it checked against its own.
std::vector<Json> typed_events(std::string_view stream);
/// Lines of a stream.
std::vector<Json> lines_of(std::string_view stream);
/// The types of events, separated by blanks.
std::string types_of(const std::vector<Json>& events);

}  // namespace pangu::test
