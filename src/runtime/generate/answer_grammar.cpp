// SPDX-License-Identifier: Apache-2.0
#include "runtime/generate/answer_grammar.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "base/error.h"

namespace pangu {
namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

bool any_token(std::span<const std::uint64_t> words) {
  return std::any_of(words.begin(), words.end(), [](std::uint64_t word) { return word != 0; });
}

/// Copies the logits of allowed tokens; whether there are any.
bool copy_allowed(std::span<const std::uint64_t> allowed, std::span<const float> logits,
                  std::vector<float>& out) {
  bool any = false;
  for (std::size_t w = 0; w < allowed.size() && w * 64 < logits.size(); ++w) {
    for (std::uint64_t word = allowed[w]; word != 0; word &= word - 1) {
      const std::size_t id = w * 64 + static_cast<std::size_t>(std::countr_zero(word));
      if (id >= logits.size()) break;
      out[id] = logits[id];
      any = true;
    }
  }
  return any;
}

}  // namespace

AnswerGrammar::AnswerGrammar(const OutputGrammar& grammar, std::span<const TokenId> stops,
                             ThinkingFrame frame, bool thinks)
    : grammar_(grammar),
      around_(std::make_shared<Around>(
          Around{.stops = {stops.begin(), stops.end()}, .thinking = std::move(frame)})),
      has_begun_(thinks || around_->thinking.opening.empty()),
      thinks_(thinks),
      answer_(grammar.begin()) {}

AnswerGrammar::AnswerGrammar(const AnswerGrammar& other)
    : grammar_(other.grammar_),
      around_(other.around_),
      has_begun_(other.has_begun_),
      is_behind_thinking_(other.is_behind_thinking_),
      opened_(other.opened_),
      thinks_(other.thinks_),
      answer_(other.answer_->copy()),
      fits_(other.fits_) {}

std::span<const float> AnswerGrammar::mask(std::span<const float> logits,
                                           std::vector<float>& work) {
  if (thinks_) return without_stops(logits, work);
  work.assign(logits.size(), kNever);
  bool any = fits_ && copy_allowed(answer_->allowed(), logits, work);
  const auto set = [&](TokenId id, bool may_come) {
    const auto at = static_cast<std::size_t>(id);
    if (id < 0 || at >= work.size()) return;
    work[at] = may_come ? logits[at] : kNever;
    any = any || may_come;
  };
  for (const TokenId stop : around_->stops) set(stop, fits_ && answer_->may_end());
  if (may_open()) set(around_->thinking.opening[opened_], true);
  // Models learn to break the line behind their thinking; without it their answers suffer.
  if (is_behind_thinking_) {
    for (const TokenId id : around_->thinking.line_breaks) set(id, true);
  }
  if (!any) {
    fail<InputError>(
        "[grammar] no token of the vocabulary goes on from here, and the answer may not end here. "
        "A "
        "grammar that this vocabulary can spell was expected.");
  }
  return work;
}

/// Thinking may say anything, but an end of the reply within it would leave no answer.
std::span<const float> AnswerGrammar::without_stops(std::span<const float> logits,
                                                    std::vector<float>& work) const {
  work.assign(logits.begin(), logits.end());
  for (const TokenId stop : around_->stops) {
    const auto at = static_cast<std::size_t>(stop);
    if (stop >= 0 && at < work.size()) work[at] = kNever;
  }
  return work;
}

void AnswerGrammar::push(TokenId id, bool thinks) {
  if (std::exchange(thinks_, thinks) || thinks) {
    // The answer begins behind the thinking, whatever of the opening might have been its beginning.
    is_behind_thinking_ = !thinks;
    if (!has_begun_) answer_ = grammar_.begin();
    has_begun_ = true;
    opened_ = 0;
    fits_ = true;
    return;
  }
  if (opens(id)) {
    ++opened_;
  } else {
    has_begun_ = true;
    opened_ = 0;
  }
  const bool may_break = std::exchange(is_behind_thinking_, false) && is_line_break(id);
  const bool goes_on = fits_ && answer_->push(id);
  fits_ = goes_on || may_break;
}

bool AnswerGrammar::is_stop(TokenId id) const {
  return std::ranges::find(around_->stops, id) != around_->stops.end();
}

bool AnswerGrammar::is_line_break(TokenId id) const {
  return std::ranges::find(around_->thinking.line_breaks, id) !=
         around_->thinking.line_breaks.end();
}

std::optional<TokenId> AnswerGrammar::only_token() {
  if (!is_within_answer() || (!around_->stops.empty() && answer_->may_end())) return std::nullopt;
  std::optional<TokenId> only;
  const auto allowed = answer_->allowed();
  for (std::size_t w = 0; w < allowed.size(); ++w) {
    for (std::uint64_t word = allowed[w]; word != 0; word &= word - 1) {
      const auto id =
          static_cast<TokenId>(w * 64 + static_cast<std::size_t>(std::countr_zero(word)));
      if (is_stop(id)) continue;
      if (only) return std::nullopt;
      only = id;
    }
  }
  return only;
}

std::string AnswerGrammar::forced_text(std::size_t most) {
  return is_within_answer() ? answer_->forced_text(most) : std::string();
}

AnswerGrammar::Next AnswerGrammar::try_push(TokenId id) {
  if (is_stop(id)) return !thinks_ && fits_ && answer_->may_end() ? Next::kEnds : Next::kNever;
  if (thinks_ || opens(id)) return Next::kFree;
  push(id, false);
  return fits_ ? Next::kGoesOn : Next::kNever;
}

bool AnswerGrammar::is_over() {
  return !thinks_ && fits_ && opened_ == 0 && answer_->may_end() && !any_token(answer_->allowed());
}

}  // namespace pangu
