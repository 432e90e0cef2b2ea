// SPDX-License-Identifier: Apache-2.0
#include "text/chat/thinking_tracker.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"

namespace pangu {

ThinkingTracker::ThinkingTracker(std::shared_ptr<const Tokenizer> tokenizer,
                                 std::span<const TokenId> prompt)
    : tokenizer_(std::move(tokenizer)), markers_(thinking_markers(*tokenizer_)) {
  const bool opened = opens_thinking(*tokenizer_, markers_, prompt);
  part_ = opened ? Part::kThinking : markers_.are_tokens() ? Part::kAnswer : Part::kStart;
}

void ThinkingTracker::push(TokenId id) {
  if (id == markers_.begin_id || id == markers_.end_id) {
    part_ = id == markers_.begin_id ? Part::kThinking : Part::kAnswer;
    character_.clear();
    return;
  }
  ++(is_thinking() ? thinking_tokens_ : answer_tokens_);
  if (part_ == Part::kAnswer) return;
  // What leaves no trace in the text is no part of a character or a marker.
  if (!tokenizer_->is_special(id)) character_ += tokenizer_->bytes(id);
  character_.erase(0, utf8::complete_prefix(character_));
  if (!markers_.are_tokens()) push_spelled(id);
}

bool ThinkingTracker::begins_answer(TokenId id) const {
  if (!is_thinking() || markers_.are_tokens() || tokenizer_->is_special(id)) return false;
  const std::string text = text_ + tokenizer_->bytes(id);
  const std::size_t end = text.find(markers_.end);
  return end != text.npos &&
         text.find_first_not_of(" \t\r\n", end + markers_.end.size()) != text.npos;
}

void ThinkingTracker::push_spelled(TokenId id) {
  const std::size_t before = text_.size();
  if (!tokenizer_->is_special(id)) text_ += tokenizer_->bytes(id);
  ++held_;
  if (part_ == Part::kStart) {
    look_for_begin();
  } else {
    look_for_end(before);
  }
}

void ThinkingTracker::look_for_begin() {
  const std::size_t blanks = std::min(text_.find_first_not_of(" \t\r\n"), text_.size());
  const std::string_view shown = std::string_view(text_).substr(blanks);
  if (shown.starts_with(markers_.begin)) {
    answer_tokens_ -= std::exchange(held_, 0);
    part_ = Part::kThinking;
    text_.erase(0, blanks + markers_.begin.size());
    look_for_end(0);
  } else if (!markers_.begin.starts_with(shown)) {
    part_ = Part::kAnswer;
    text_.clear();
  }
}

/// `before` is how much of the text was there before the last token. It began a marker, and '<'
/// occurs in one at its beginning alone: what is begun now was begun there, or in the last token.
void ThinkingTracker::look_for_end(std::size_t before) {
  const std::size_t end = text_.find(markers_.end);
  if (end != text_.npos) {
    thinking_tokens_ -= end < before ? held_ : std::min<std::int64_t>(held_, 1);
    part_ = Part::kAnswer;
    text_.clear();
    return;
  }
  const std::size_t begun = begun_marker(text_, markers_.end);
  const bool in_last_token = text_.size() - begun >= before;
  if (begun == 0) {
    held_ = 0;
  } else if (in_last_token) {
    held_ = std::min<std::int64_t>(held_, 1);
  }
  text_.erase(0, text_.size() - begun);
}

}  // namespace pangu
