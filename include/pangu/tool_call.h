// SPDX-License-Identifier: Apache-2.0
// Calls of tools that a model asks for in its reply. docs/chat-templates.md says how they are told
// from text.
#pragma once

#include <cstdint>
#include <string>

namespace pangu {

/// A call as far as it is known. The model wrote it: neither the name nor the arguments need be
/// what a tool takes.
struct ToolCall {
  std::string id;         ///< "call_" and 16 digits; the same for the same reply to the same prompt
  std::string name;       ///< of the tool; not empty
  std::string arguments;  ///< a JSON object as text, or the beginning of one
  /// Whether the arguments are whole. Not where the reply ended within them, or went on with what
  /// is no JSON; that is text then.
  bool is_complete = false;
  bool operator==(const ToolCall&) const = default;
};

/// What a token adds to the calls of a reply.
struct ToolCallDelta {
  std::int64_t index;        ///< of the call, from 0; calls come one after the other
  std::string id;            ///< where the call begins; else empty
  std::string name;          ///< where the call begins; else empty
  std::string arguments;     ///< to be added to what there is
  bool is_complete = false;  ///< the arguments are whole; nothing of this call follows
  bool operator==(const ToolCallDelta&) const = default;
};

}  // namespace pangu
