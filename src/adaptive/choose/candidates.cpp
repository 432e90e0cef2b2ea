// SPDX-License-Identifier: Apache-2.0
#include "adaptive/choose/candidates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "eval/statistics.h"

namespace pangu::adaptive {
namespace {

/// Answers of the original before it can be said that it knows nothing.
constexpr std::int64_t kEnoughToTell = 24;

struct Lengths {
  double prompt = 0, reply = 0;
};

struct Sums {
  double prompt = 0, reply = 0, n = 0;

  void add(const AnswerFigures& answer) {
    prompt += static_cast<double>(answer.prompt_tokens);
    reply += static_cast<double>(answer.reply_tokens);
    ++n;
  }
  Lengths means() const { return {prompt / n, reply / n}; }
};

Sums sums_of(const AnswerSet& set) {
  Sums out;
  for (const AnswerFigures& answer : set.answers) out.add(answer);
  return out;
}

/// Calls with the answers of both to every item that both answered. Both lists are in the order of
/// the items.
template <class Function>
void for_pairs(const AnswerSet& original, const AnswerSet& other, const Function& call) {
  auto at = original.answers.begin();
  for (const AnswerFigures& answer : other.answers) {
    while (at != original.answers.end() && at->item < answer.item) ++at;
    if (at == original.answers.end()) return;
    if (at->item == answer.item) call(*at, answer);
  }
}

bool has_answers(const AnswerSet* set) {
  return set && !set->answers.empty();
}

/// Means over the items that `own` or, where it answered fewer of them, `other` answered.
std::optional<Lengths> lengths_of(const AnswerSet* own, const AnswerSet* other) {
  if (!has_answers(own)) {
    return has_answers(other) ? std::optional(sums_of(*other).means()) : std::nullopt;
  }
  if (!has_answers(other) || own->answers.size() >= other->answers.size()) {
    return sums_of(*own).means();
  }
  Sums ours, theirs;
  for_pairs(*other, *own, [&](const AnswerFigures& a, const AnswerFigures& b) {
    theirs.add(a);
    ours.add(b);
  });
  if (theirs.prompt <= 0 || theirs.reply <= 0) return sums_of(*own).means();
  const Lengths all = sums_of(*other).means();
  return Lengths{all.prompt * ours.prompt / theirs.prompt, all.reply * ours.reply / theirs.reply};
}

PairedCounts pairs_of(const AnswerSet* original, const AnswerSet* other) {
  if (!original || !other) return {};
  std::vector<double> a, b;
  for_pairs(*original, *other, [&](const AnswerFigures& first, const AnswerFigures& second) {
    a.push_back(first.value);
    b.push_back(second.value);
  });
  return count_pairs(a, b);
}

bool knows_nothing(const AnswerSet* original, const TaskFigures& task) {
  if (!original) return false;
  const auto n = static_cast<std::int64_t>(original->answers.size());
  if (n < std::min(kEnoughToTell, task.items)) return false;
  std::int64_t right = 0;
  for (const AnswerFigures& answer : original->answers) right += answer.value >= 0.5;
  // One that guesses gets the chance's share; without choices, next to nothing.
  return eval::wilson(right, n).low <= task.chance || right == 0;
}

/// The reading whose prompt is nearest to a length; of many sequences the one of `batch` or, with
/// 0, of most.
const SpeedReading* reading_of(const VariantFigures& figures, std::int64_t batch, double prompt) {
  const SpeedReading* best = nullptr;
  const auto order = [&](const SpeedReading& r) {
    const double away = std::log(static_cast<double>(r.prompt_tokens) / std::max(1.0, prompt));
    return std::pair(std::abs(away), batch > 0 ? std::abs(r.batch - batch) : -r.batch);
  };
  for (const SpeedReading& r : figures.speed) {
    if ((r.batch == 1) != (batch == 1)) continue;
    if (!best || order(r) < order(*best)) best = &r;
  }
  return best;
}

/// A rate as the original's stands now: figures taken at different hours become comparable.
double scaled(double rate, double reference, double original) {
  return reference > 0 && original > 0 ? original * rate / reference : rate;
}

class Builder {
 public:
  Builder(const ProfileData& data, const CandidateOptions& options)
      : data_(data), options_(options), original_(data.original()) {
    if (!options.kind.empty()) task_ = &require_task();
    if (task_ && original_) {
      index();
      baseline_ = answers_of(*original_, Thinking::kDefault);
      tells_nothing_ = knows_nothing(baseline_, *task_);
    }
  }

  std::vector<Candidate> build() {
    std::vector<Candidate> out;
    if (!original_) return out;
    for (const VariantFigures& figures : data_.variants) {
      if (!figures.knows_speed()) continue;
      for (const Thinking thinking : thinkings()) add(out, figures, thinking);
    }
    std::stable_partition(out.begin(), out.end(),
                          [](const Candidate& c) { return c.is_baseline(); });
    return out;
  }

 private:
  using Key = std::pair<std::int64_t, Thinking>;  // variant and way of thinking

  /// The task's figures by variant: a profile has thousands of sets, and each is looked for often.
  void index() {
    for (const AnswerSet& set : data_.answers) {
      if (set.task == task_->id) answers_.emplace(Key{set.variant, set.thinking}, &set);
    }
    for (const SpeculationFigures& s : data_.speculation) {
      if (s.task == task_->id) speculation_[{s.variant, s.thinking}].push_back(&s);
    }
  }

  const AnswerSet* answers_of(const VariantFigures& figures, Thinking thinking) const {
    const auto at = answers_.find({figures.id, thinking});
    return at == answers_.end() ? nullptr : at->second;
  }

  const std::vector<const SpeculationFigures*>& speculation_of(const VariantFigures& figures,
                                                               Thinking thinking) const {
    static const std::vector<const SpeculationFigures*> kNone;
    const auto at = speculation_.find({figures.id, thinking});
    return at == speculation_.end() ? kNone : at->second;
  }

  const TaskFigures& require_task() const {
    if (const TaskFigures* task = data_.task(options_.kind)) return *task;
    std::vector<std::string> kinds;
    for (const TaskFigures& task : data_.tasks) kinds.push_back(task.kind);
    fail<ConfigError>("[recommend] nothing was measured for tasks of kind '{}'. Measured: {}.",
                      clipped(options_.kind),
                      kinds.empty() ? "none" : fmt::format("{}", fmt::join(kinds, ", ")));
  }

  /// The ways of thinking that the original was asked in; its own comes first.
  std::vector<Thinking> thinkings() const {
    std::vector<Thinking> out = {Thinking::kDefault};
    if (!task_) return out;
    for (const Thinking t : {Thinking::kFast, Thinking::kSlow, Thinking::kAuto}) {
      if (answers_of(*original_, t)) out.push_back(t);
    }
    return out;
  }

  void add(std::vector<Candidate>& out, const VariantFigures& figures, Thinking thinking) const {
    Candidate c{.strategy = {figures.variant, thinking, SpeculationMode::kOff},
                .figures = &figures};
    c.memory = figures.footprint->resident_bytes;
    set_lengths(c);
    set_rates(c);
    if (task_) set_quality(c);
    out.push_back(c);
    if (!task_) return;
    for (const SpeculationFigures* s : speculation_of(figures, thinking)) {
      out.push_back(with_speculation(c, *s));
    }
    for (const SpeculationFigures* s : speculation_of(*original_, thinking)) {
      if (!has_own(figures, *s)) out.push_back(with_speculation(c, *s));
    }
  }

  static Candidate with_speculation(Candidate c, const SpeculationFigures& s) {
    c.strategy.speculation = s.mode;
    c.speed_up = s.speed_up;
    c.speed_up_is_own = s.variant == c.figures->id;
    c.draft = s.draft;
    return c;
  }

  bool has_own(const VariantFigures& figures, const SpeculationFigures& other) const {
    const auto& own = speculation_of(figures, other.thinking);
    return std::any_of(own.begin(), own.end(), [&](const SpeculationFigures* s) {
      return s->mode == other.mode && s->draft == other.draft;
    });
  }

  void set_lengths(Candidate& c) const {
    c.prompt_tokens = options_.prompt_tokens;
    c.reply_tokens = options_.reply_tokens;
    if (!task_) return;
    const AnswerSet* own = answers_of(*c.figures, c.strategy.thinking);
    const auto lengths = lengths_of(own, answers_of(*original_, c.strategy.thinking));
    if (!lengths) return;
    c.prompt_tokens = lengths->prompt;
    c.reply_tokens = lengths->reply;
    c.lengths_are_own = has_answers(own);
  }

  void set_rates(Candidate& c) const {
    const SpeedReading* one = reading_of(*c.figures, 1, c.prompt_tokens);
    const SpeedReading* ours = reading_of(*original_, 1, c.prompt_tokens);
    const double prefill = ours ? ours->prefill : 0, decode = ours ? ours->decode : 0;
    c.prefill = scaled(one->prefill, one->reference_prefill, prefill);
    c.decode = scaled(one->decode, one->reference_decode, decode);
    c.batch_decode = c.decode;
    const SpeedReading* many = reading_of(*c.figures, 0, c.prompt_tokens);
    if (!many) return;
    const SpeedReading* our_many = reading_of(*original_, many->batch, c.prompt_tokens);
    c.batch_decode = scaled(many->decode, many->reference_decode, our_many ? our_many->decode : 0);
  }

  void set_quality(Candidate& c) const {
    c.items = task_->items;
    c.tells_nothing = tells_nothing_;
    c.pairs = pairs_of(baseline_, answers_of(*c.figures, c.strategy.thinking));
    c.rejected_by_divergence =
        c.figures->divergence && c.figures->divergence->low > options_.max_divergence;
  }

  const ProfileData& data_;
  const CandidateOptions& options_;
  const VariantFigures* original_;
  const TaskFigures* task_ = nullptr;
  const AnswerSet* baseline_ = nullptr;
  bool tells_nothing_ = false;
  std::map<Key, const AnswerSet*> answers_;
  std::map<Key, std::vector<const SpeculationFigures*>> speculation_;
};

}  // namespace

double Candidate::answer_s() const {
  return first_token_s() + std::max(0.0, reply_tokens - 1) / tokens_per_s();
}

double Candidate::cost(Objective objective) const {
  switch (objective) {
    case Objective::kLatency:
      return answer_s();
    case Objective::kThroughput:
      return prompt_tokens / prefill + reply_tokens / batch_decode;
    case Objective::kMemory:
      return static_cast<double>(memory);
    case Objective::kBalanced:
      return std::sqrt(answer_s() * static_cast<double>(memory));
  }
  return 0;
}

bool Candidate::is_baseline() const {
  return strategy.variant.is_original() && strategy.thinking == Thinking::kDefault &&
         strategy.speculation == SpeculationMode::kOff;
}

Quality Candidate::quality(double min_quality) const {
  const bool same_replies =
      strategy.variant.is_original() && strategy.thinking == Thinking::kDefault;
  if (same_replies) return Quality::kKept;
  if (rejected_by_divergence) return Quality::kLost;
  if (tells_nothing || items == 0) return Quality::kUntold;
  const eval::Interval kept = kept_interval(pairs, two_sided_z(0.05 / kLooks));
  if (kept.low >= min_quality) return Quality::kKept;
  if (kept.high < min_quality) return Quality::kLost;
  if (pairs.n < items) return Quality::kOpen;
  return pairs.kept() >= min_quality ? Quality::kLikely : Quality::kMissed;
}

std::vector<Candidate> candidates(const ProfileData& data, const CandidateOptions& options) {
  return Builder(data, options).build();
}

}  // namespace pangu::adaptive
