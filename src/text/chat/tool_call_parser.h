// SPDX-License-Identifier: Apache-2.0
// Calls of tools told apart from text, in replies that come token by token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/token.h"
#include "text/chat/tool_call_block.h"
#include "text/chat/tool_call_format.h"
#include "text/chat/tool_call_writer.h"

namespace pangu {

/// A stretch of a reply. Blanks between text and calls belong to neither.
struct ToolCallParts {
  std::string text;
  std::vector<ToolCallDelta> calls;
};

/// Takes apart an answer as it is written. What is none of the known ways to write a call is text,
/// with its markers as they are spelled: each character is part of the text, of a call, or of what
/// is written around calls, however the answer is cut into pieces. Nothing that a model writes is
/// an error. A call that goes wrong after its arguments began stays incomplete, and the rest is
/// text.
class ToolCallParser {
 public:
  /// `salt` tells the ids of one reply's calls from those of another.
  ToolCallParser(const ToolCallFormat& format, std::uint64_t salt);

  /// Whether the token is a marker. Its text is not to be passed to take().
  bool is_marker(TokenId id) const;
  ToolCallParts turn(TokenId marker);

  /// The next piece of the answer.
  ToolCallParts take(std::string_view piece);

  /// The answer ends: what was held back. Another one may follow, with calls numbered on.
  ToolCallParts flush();

 private:
  void push(char c);
  void push_text(char c);
  void push_block(char c);
  void push_end_marker(char c);
  bool begins_without_marker() const;
  void begin_block(bool with_marker);
  /// The closing marker is there, or takes effect.
  void end_block();
  /// The block is over, and its last `bytes` may begin something else.
  void leave_block(std::size_t bytes);
  void release_text();
  ToolCallParts taken();

  ToolCallFormat format_;
  ToolCallWriter writer_;
  std::optional<ToolCallBlock> block_;
  std::string text_;
  /// Text that may be the beginning of a call, or blanks in front of one; within a block, what is
  /// text if it is none.
  std::string held_;
  std::size_t end_bytes_ = 0;  ///< of a spelled closing marker, that came
  bool at_start_ = true;       ///< nothing but blanks came
  bool after_block_ = false;   ///< nothing but blanks since
};

}  // namespace pangu
