// SPDX-License-Identifier: Apache-2.0
// Whether a reply is within its thinking, known from its tokens alone, and how many tokens thinking
// and answer have. It sees what ReasoningSplitter sees, without waiting for text that is held back.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "text/chat/thinking_markers.h"

namespace pangu {

class ThinkingTracker {
 public:
  /// `prompt` is what the reply continues: some templates end it within the thinking.
  ThinkingTracker(std::shared_ptr<const Tokenizer> tokenizer, std::span<const TokenId> prompt);

  /// The next token of the reply.
  void push(TokenId id);

  bool is_thinking() const { return part_ == Part::kThinking; }
  /// Whether the token would close the thinking and have some of the answer behind the marker, as
  /// one may where markers are spelled as text.
  bool begins_answer(TokenId id) const;
  /// Whether the last token ends within a character.
  bool within_character() const { return !character_.empty(); }
  const ThinkingMarkers& markers() const { return markers_; }

  /// Tokens within thinking so far, over all of the reply. Tokens of a marker belong to neither
  /// count, once it is whole.
  std::int64_t thinking_tokens() const { return thinking_tokens_; }
  /// All others, an end-of-text token included.
  std::int64_t answer_tokens() const { return answer_tokens_; }

 private:
  enum class Part {
    kStart,  ///< a marker that is spelled as text may still come
    kThinking,
    kAnswer
  };
  void push_spelled(TokenId id);
  void look_for_begin();
  void look_for_end(std::size_t before);

  std::shared_ptr<const Tokenizer> tokenizer_;
  ThinkingMarkers markers_;
  Part part_;
  std::int64_t thinking_tokens_ = 0, answer_tokens_ = 0;
  std::string character_;  ///< bytes of one that is unfinished
  // Of markers that are spelled as text:
  std::string text_;       ///< what may be the beginning of one
  std::int64_t held_ = 0;  ///< tokens that have a part in it
};

}  // namespace pangu
