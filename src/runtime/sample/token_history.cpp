// SPDX-License-Identifier: Apache-2.0
#include "runtime/sample/token_history.h"

#include "base/error.h"

namespace pangu {

TokenHistory::TokenHistory(int window) : window_(window) {
  if (window < -1) {
    fail<ConfigError>(
        "[sampling] penalty_last_n is {}. It must be -1 (all tokens), 0 (none) or "
        "the number of last tokens the penalties look at.",
        window);
  }
}

void TokenHistory::append_prompt(std::span<const TokenId> ids) {
  if (tokens_.size() != prompt_size_) {
    fail<InputError>(
        "[history] a prompt of {} tokens follows {} generated tokens. Prompt tokens "
        "come first. Start a new history for a new turn.",
        ids.size(), tokens_.size() - prompt_size_);
  }
  for (const TokenId id : ids) {
    ++prompt_size_;
    try {
      append(id);
    } catch (...) {
      --prompt_size_;
      throw;
    }
  }
}

void TokenHistory::push(TokenId id) {
  append(id);
}

void TokenHistory::append(TokenId id) {
  if (id < 0) {
    fail<InputError>(
        "[history] token id {} at position {} is negative. Ids run from 0 to the "
        "vocabulary size - 1. Take ids from this model's tokenizer.",
        id, tokens_.size());
  }
  tokens_.push_back(id);
  count(tokens_.size() - 1, +1);
  if (window_ >= 0 && tokens_.size() > static_cast<std::size_t>(window_)) {
    count(tokens_.size() - 1 - static_cast<std::size_t>(window_), -1);
  }
}

void TokenHistory::pop() {
  if (tokens_.empty()) {
    fail<InputError>(
        "[history] there is no token to remove. Remove at most as many tokens as were "
        "added.");
  }
  // The mirror image of append: the token that had left the window comes back first.
  if (window_ >= 0 && tokens_.size() > static_cast<std::size_t>(window_)) {
    count(tokens_.size() - 1 - static_cast<std::size_t>(window_), +1);
  }
  count(tokens_.size() - 1, -1);
  tokens_.pop_back();
  if (prompt_size_ > tokens_.size()) prompt_size_ = tokens_.size();
}

void TokenHistory::truncate(std::size_t size) {
  if (size > tokens_.size()) {
    fail<InputError>(
        "[history] {} tokens cannot be cut down to {}. Truncate to at most the "
        "current size.",
        tokens_.size(), size);
  }
  while (tokens_.size() > size) pop();
}

void TokenHistory::count(std::size_t position, int step) {
  const TokenId id = tokens_[position];
  Counts& counts = counts_[id];
  counts.all += step;
  if (position >= prompt_size_) counts.generated += step;
  if (counts.all == 0) counts_.erase(id);
}

}  // namespace pangu
