// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/cost.h"

#include <algorithm>
#include <cmath>

#include "adaptive/explore/laboratory.h"

namespace pangu::adaptive {
namespace {

/// Sequences that answers are written for at the same time, on average over a chunk of 24 in
/// batches of 16: the last ones are alone.
constexpr double kTogether = 10;
/// Exponentials and logarithms of a position's logits, by one thread of many.
constexpr double kSecondsPerLogit = 4e-9;
constexpr double kWriteBytesPerSecond = 150e6;
/// Answers in races, as a share of what is needed if each ends with its first candidate: with one
/// goal, and more for each further one. Low and high: that much less and more.
constexpr double kRaceOneGoal = 1.0, kRaceEachGoal = 0.1, kRaceLow = 0.5, kRaceHigh = 2.5;
/// Reads of the disk, threads that wait for others: what is no product of matrices.
constexpr double kLow = 0.7, kHigh = 1.6;

/// Rates of the original: of prompts, and of a step that writes one token of each of n replies.
class Rates {
 public:
  explicit Rates(const VariantFigures& original) {
    for (const SpeedReading& r : original.speed) {
      if (r.batch == 1) {
        prefill_ = r.prefill;
        one_ = 1 / r.decode;
      }
    }
    each_ = one_;
    for (const SpeedReading& r : original.speed) {
      if (r.batch <= 1) continue;
      const auto n = static_cast<double>(r.batch);
      each_ = std::max(0.0, (n / r.decode - one_) / (n - 1));
    }
  }

  double prompt_s(double tokens) const { return tokens / prefill_; }
  /// Of n replies at once, a line through the readings of one and of many.
  double step_s(double n) const { return one_ + (n - 1) * each_; }

 private:
  double prefill_ = 1, one_ = 1, each_ = 1;
};

class CostModel {
 public:
  CostModel(const ProfileData& data, const Scope& scope, const CostInputs& inputs)
      : data_(data), scope_(scope), in_(inputs), rates_(*data.original()) {}

  CostEstimate sum() const {
    CostEstimate out;
    const double sure = speeds() + divergences() + speculation();
    out += {kLow * sure, sure, kHigh * sure};
    for (const TaskFigures& task : data_.tasks) out += answers(task);
    if (in_.carries_out) out += carried_out();
    return out;
  }

 private:
  const ItemCost& item(const TaskFigures& task) const { return in_.items.at(task.id); }
  bool writes(const TaskFigures& task) const { return task.chance == 0; }

  double load_s(const Variant& v) const {
    const auto packed = in_.pack_s.find(v.format);
    return in_.load_s + (packed == in_.pack_s.end() ? 0 : packed->second);
  }

  /// Rounds of one or two sides whose turn takes so long.
  static double turns_s(double turn, double sides) {
    const double round = sides * std::max(turn, kShortestTurn);
    return round * std::clamp(std::ceil(kTurnSeconds / round), 1.0, double{kTurnRounds});
  }

  double readings_s(double sides) const {
    const auto n = static_cast<double>(in_.many), decoded = static_cast<double>(in_.decode_tokens);
    const double one =
        rates_.prompt_s(static_cast<double>(in_.prompt_tokens)) + decoded * rates_.step_s(1);
    const double many = rates_.prompt_s(double{kShortPrompt} * n) + decoded * rates_.step_s(n);
    return turns_s(one, sides) + turns_s(many, sides);
  }

  double speeds() const {
    double out = 0;
    for (const VariantFigures& v : data_.variants) {
      if (v.knows_speed() || v.variant.is_original()) continue;
      out += readings_s(2) + (v.variant.kv.empty() ? load_s(v.variant) : 0);
    }
    return out;
  }

  double divergences() const {
    if (!scope_.divergence) return 0;
    const double pass =
        rates_.prompt_s(in_.divergence_tokens) + kSecondsPerLogit * in_.divergence_logits;
    double out = 0;
    for (const VariantFigures& v : data_.variants) {
      if (!v.variant.is_original() && !v.divergence) out += pass;
    }
    return out > 0 ? out + pass : 0;  // with the original's own
  }

  /// On the original in each way of thinking, and on about one that wins.
  double speculation() const {
    if (scope_.speculation.empty()) return 0;
    const auto modes = static_cast<double>(scope_.speculation.size());
    double out = 0;
    for (const TaskFigures& task : data_.tasks) {
      if (!writes(task)) continue;
      const ItemCost& c = item(task);
      const double once = double{kRecorded} * (rates_.prompt_s(c.prompt) + c.program_s) +
                          c.reply * rates_.step_s(double{kRecorded});
      const double replay =
          double{kRecorded} * (rates_.prompt_s(c.prompt) + c.reply * rates_.step_s(1));
      const auto ways = static_cast<double>(1 + scope_.thinkings.size());
      const auto done = static_cast<double>(
          std::count_if(data_.speculation.begin(), data_.speculation.end(),
                        [&](const SpeculationFigures& s) { return s.task == task.id; }));
      out += std::max(0.0, ways + 1 - done / modes) * (once + kReplays * (modes + 1) * replay);
    }
    return out;
  }

  /// Of an item with a reply of this length.
  double answer_s(const ItemCost& c, double reply) const {
    return rates_.prompt_s(c.prompt) + reply * rates_.step_s(kTogether) / kTogether + c.program_s;
  }

  CostEstimate answers(const TaskFigures& task) const {
    const ItemCost& c = item(task);
    ProfileData alone;
    alone.variants = data_.variants;
    alone.tasks = {task};
    for (const AnswerSet& set : data_.answers) {
      if (set.task == task.id) alone.answers.push_back(set);
    }
    alone.speculation = data_.speculation;
    const WorkLeft left = work_left(alone, scope_);
    const auto least = static_cast<double>(left.answers_least);
    const auto most = static_cast<double>(left.answers_most);
    const double one_by_one = answer_s(c, c.reply);
    if (scope_.exhaustive) {
      return {kLow * most * answer_s(c, c.reply_low), most * one_by_one,
              kHigh * most * answer_s(c, c.reply_high)};
    }
    const double goals = static_cast<double>(std::max<std::size_t>(1, scope_.goals.size()));
    const double about = std::min(most, least * (kRaceOneGoal + kRaceEachGoal * (goals - 1)));
    return {kRaceLow * about * answer_s(c, c.reply_low), about * one_by_one,
            std::min(most, kRaceHigh * about) * answer_s(c, c.reply_high)};
  }

  /// Loading, one more reading and kept items of original and choice, for each kind; the weights.
  CostEstimate carried_out() const {
    double about = in_.load_s + in_.weight_bytes / kWriteBytesPerSecond, low = about, high = about;
    for (const TaskFigures& task : data_.tasks) {
      const ItemCost& c = item(task);
      const double loads = 2 * in_.load_s + readings_s(2);
      const auto asked = 2 * static_cast<double>(c.kept_back);
      low += kLow * (loads + asked * answer_s(c, c.reply_low));
      about += loads + asked * answer_s(c, c.reply);
      high += kHigh * (2 * loads + 2 * asked * answer_s(c, c.reply_high));
    }
    return {low, about, high};
  }

  const ProfileData& data_;
  const Scope& scope_;
  const CostInputs& in_;
  Rates rates_;
};

}  // namespace

CostEstimate& CostEstimate::operator+=(const CostEstimate& other) {
  low_s += other.low_s;
  about_s += other.about_s;
  high_s += other.high_s;
  return *this;
}

CostEstimate estimate_cost(const ProfileData& data, const Scope& scope, const CostInputs& inputs) {
  if (!next_work(data, scope) && !inputs.carries_out) return {};
  return CostModel(data, scope, inputs).sum();
}

}  // namespace pangu::adaptive
