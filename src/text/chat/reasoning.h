// SPDX-License-Identifier: Apache-2.0
// What a model thinks before it answers, told apart from the answer: in whole texts, and in replies
// that come token by token.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "pangu/tokenizer.h"
#include "text/chat/thinking_markers.h"

namespace pangu {

/// A reply in its two parts, without the markers and without blanks where they touched;
/// the first line of the answer keeps its indentation where it does not follow the marker itself.
struct ReplyParts {
  std::string reasoning;  ///< empty if there is none
  std::string answer;
  bool operator==(const ReplyParts&) const = default;
};

/// Takes apart a text that begins with a marker of reasoning, whichever model wrote it:
/// openPangu's, <think> or [THINK]. Reasoning that does not end leaves an empty answer. A text that
/// begins with none is an answer as it is.
ReplyParts split_reasoning(std::string_view text);

/// Takes apart a reply as it is written. Where the vocabulary has both markers as tokens, the
/// tokens count, wherever they come, and never a text that looks like one; where it has not,
/// <think> at the beginning counts and the first </think> after it.
class ReasoningSplitter {
 public:
  /// `prompt` is what the reply continues: some templates end it within the reasoning.
  ReasoningSplitter(const Tokenizer& tokenizer, std::span<const TokenId> prompt);

  /// Whether the token is a marker. Its text is not to be shown; what was held back before it ends,
  /// and the part that turn() begins is another.
  bool is_marker(TokenId id) const;
  void turn(TokenId marker);

  /// Adds text, in pieces cut anywhere, to the parts of the reply as far as they are known.
  ReplyParts take(std::string_view text);
  /// The text has ended, or a marker comes: what was held back.
  ReplyParts flush();

  /// Whether the reply is within its reasoning.
  bool is_reasoning() const { return part_ == Part::kReasoning; }

 private:
  enum class Part {
    kStart,  ///< a marker that is spelled as text may still come
    kReasoning,
    kAnswer
  };
  ReplyParts take_start();
  ReplyParts take_reasoning();
  ReplyParts take_answer();

  ThinkingMarkers markers_;
  Part part_;
  bool after_marker_ = false;  ///< blanks are left out until something else comes
  std::string held_;
};

}  // namespace pangu
