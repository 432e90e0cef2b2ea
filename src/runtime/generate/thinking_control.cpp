// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/thinking_control.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace pangu {
namespace {

/// The tokens that close thinking; none if they do not spell the marker, as where a vocabulary
/// lacks one of its characters.
std::vector<TokenId> checked_closing(const Tokenizer& tokenizer, const ThinkingMarkers& markers) {
  std::vector<TokenId> ids = closing_tokens(tokenizer, markers);
  if (markers.are_tokens()) return ids;
  const bool spells = tokenizer.decode(ids).find(markers.end) != std::string::npos;
  if (!spells) ids.clear();
  return ids;
}

}  // namespace

std::string_view name(ThinkingEnd end) {
  switch (end) {
    case ThinkingEnd::kNone:
      return "none";
    case ThinkingEnd::kModel:
      return "model";
    case ThinkingEnd::kBudget:
      return "budget";
    case ThinkingEnd::kLoop:
      return "loop";
    case ThinkingEnd::kRequest:
      return "request";
    case ThinkingEnd::kUnfinished:
      return "unfinished";
  }
  return "unknown";
}

ThinkingControl::ThinkingControl(const std::shared_ptr<const Tokenizer>& tokenizer,
                                 const GenerateOptions& options, std::span<const TokenId> prompt)
    : tracker_(tokenizer, prompt),
      budget_(options.think_budget),
      closing_(checked_closing(*tokenizer, tracker_.markers())),
      end_thinking_(options.end_thinking),
      finds_loops_(options.end_think_loops && !closing_.empty()) {
  if (tracker_.is_thinking()) begin();
}

std::optional<TokenId> ThinkingControl::forced() const {
  return at_ ? std::optional(closing_[*at_]) : std::nullopt;
}

void ThinkingControl::begin() {
  end_ = ThinkingEnd::kUnfinished;
  last_.clear();
  if (loops_) loops_->clear();
  reason_ = limit();
  if (reason_) start_closing();
}

std::optional<ThinkingEnd> ThinkingControl::limit() const {
  if (budget_ >= 0 && tracker_.thinking_tokens() >= budget_) return ThinkingEnd::kBudget;
  if (end_thinking_.stop_requested() && !closing_.empty()) return ThinkingEnd::kRequest;
  return std::nullopt;
}

void ThinkingControl::push(TokenId id) {
  const bool thought = tracker_.is_thinking();
  tracker_.push(id);
  if (!tracker_.is_thinking()) {
    if (thought) end_ = reason_.value_or(ThinkingEnd::kModel);
    at_.reset();
    reason_.reset();
  } else if (!thought) {
    begin();
  } else if (at_) {
    ++*at_;
  } else {
    consider(id);
  }
}

void ThinkingControl::consider(TokenId id) {
  if (last_.size() + 1 >= closing_.size() && !last_.empty()) last_.erase(last_.begin());
  if (last_.size() + 1 < closing_.size()) last_.push_back(id);
  if (finds_loops_ && !loops_) loops_.emplace();
  const bool loops = loops_ && loops_->push(id) > 0;
  if (!reason_) reason_ = limit();
  if (!reason_ && loops) reason_ = ThinkingEnd::kLoop;
  // A character is finished first: at most three tokens more, each with a byte or more of it.
  if (reason_ && !tracker_.within_character()) start_closing();
}

/// Goes on with a marker that the model has begun to spell in the same tokens.
void ThinkingControl::start_closing() {
  std::size_t n = last_.size();
  while (n > 0 &&
         !std::equal(last_.end() - static_cast<std::ptrdiff_t>(n), last_.end(), closing_.begin())) {
    --n;
  }
  at_ = n;
}

void ThinkingControl::report(Generation& result) const {
  result.thinking_tokens = tracker_.thinking_tokens();
  result.answer_tokens = tracker_.answer_tokens();
  result.thinking_end = end_;
}

void check_think_budget(const Tokenizer* tokenizer, std::int64_t budget) {
  if (budget < -1) {
    fail<ConfigError>(
        "[think] think_budget is {}. -1 sets no limit; 0 and more are tokens of thinking.", budget);
  }
  if (budget < 0) return;
  if (!tokenizer || !can_think(*tokenizer)) {
    fail<ConfigError>(
        "[think] a budget of {} tokens was given, but this model has no markers of thinking: "
        "neither its vocabulary nor its chat template knows {}, <think> or [THINK]. Leave the "
        "budget out.",
        budget, kPanguThinkBegin);
  }
  const ThinkingMarkers markers = thinking_markers(*tokenizer);
  if (checked_closing(*tokenizer, markers).empty()) {
    fail<ConfigError>(
        "[think] a budget of {} tokens was given, but this model's vocabulary cannot spell {}, "
        "which ends its thinking. Leave the budget out.",
        budget, markers.end);
  }
}

}  // namespace pangu
