// SPDX-License-Identifier: Apache-2.0
#include "adaptive/thinking/threshold.h"

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace pangu::adaptive {
namespace {

/// Right items of each task while one item after the other is thought about.
class KeptShares {
 public:
  KeptShares(std::span<const ThinkingOutcome> outcomes, double keep) : keep_(keep) {
    for (const ThinkingOutcome& o : outcomes) {
      const auto task = static_cast<std::size_t>(o.task);
      if (task >= right_.size()) {
        right_.resize(task + 1, 0);
        slow_right_.resize(task + 1, 0);
      }
      right_[task] += o.fast_right ? 1 : 0;
      slow_right_[task] += o.slow_right ? 1 : 0;
    }
    for (std::size_t task = 0; task < right_.size(); ++task) short_ += is_short(task) ? 1 : 0;
  }

  void think(const ThinkingOutcome& o) {
    const auto task = static_cast<std::size_t>(o.task);
    short_ -= is_short(task) ? 1 : 0;
    right_[task] += (o.slow_right ? 1 : 0) - (o.fast_right ? 1 : 0);
    short_ += is_short(task) ? 1 : 0;
  }

  bool all_kept() const { return short_ == 0; }

 private:
  /// What rounding in the product with the share may add.
  static constexpr double kRounding = 1e-9;
  bool is_short(std::size_t task) const {
    return static_cast<double>(right_[task]) <
           keep_ * static_cast<double>(slow_right_[task]) - kRounding;
  }

  double keep_;
  std::vector<std::int64_t> right_, slow_right_;
  std::int64_t short_ = 0;  ///< tasks that keep too little
};

/// A number that is above `low` and at most `high`.
double between(double low, double high) {
  const double middle = low + (high - low) / 2;
  return middle > low ? middle : high;
}

void check_sizes(std::size_t outcomes, std::size_t scores, double keep) {
  if (outcomes != scores) {
    fail<ShapeError>("[thinking] there are {} scores for {} items. One each was expected.", scores,
                     outcomes);
  }
  if (outcomes == 0) {
    fail<InputError>("[thinking] there are no items to choose a threshold on. Give some.");
  }
  if (!(keep >= 0 && keep <= 1)) {
    fail<InputError>("[thinking] a share of {} was to be kept. 0 to 1 was expected.", keep);
  }
}

}  // namespace

double choose_thinking_threshold(std::span<const ThinkingOutcome> outcomes,
                                 std::span<const double> scores, double keep) {
  check_sizes(outcomes.size(), scores.size(), keep);
  std::vector<std::size_t> order(outcomes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  KeptShares kept(outcomes, keep);
  std::int64_t tokens = 0;
  for (const ThinkingOutcome& o : outcomes) tokens += o.fast_tokens;
  double best = kAlwaysThinks;
  bool has_best = kept.all_kept();
  if (has_best) best = kNeverThinks;
  std::int64_t fewest = tokens;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const ThinkingOutcome& o = outcomes[order[i]];
    kept.think(o);
    tokens += o.slow_tokens - o.fast_tokens;
    const bool is_last = i + 1 == order.size();
    // Equal scores are decided alike.
    if (!is_last && scores[order[i + 1]] == scores[order[i]]) continue;
    if (!kept.all_kept() || (has_best && tokens >= fewest)) continue;
    has_best = true;
    fewest = tokens;
    best = is_last ? kAlwaysThinks : between(scores[order[i + 1]], scores[order[i]]);
  }
  return best;
}

std::vector<char> cross_thresholds(std::span<const ThinkingOutcome> outcomes,
                                   std::span<const double> scores, std::span<const int> folds,
                                   double keep) {
  check_sizes(outcomes.size(), scores.size(), keep);
  check_sizes(outcomes.size(), folds.size(), keep);
  std::vector<char> thinks(outcomes.size(), 0);
  const int last = *std::max_element(folds.begin(), folds.end());
  for (int fold = 0; fold <= last; ++fold) {
    std::vector<ThinkingOutcome> others;
    std::vector<double> other_scores;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (folds[i] == fold) continue;
      others.push_back(outcomes[i]);
      other_scores.push_back(scores[i]);
    }
    const double threshold = choose_thinking_threshold(others, other_scores, keep);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      if (folds[i] == fold) thinks[i] = scores[i] >= threshold ? 1 : 0;
    }
  }
  return thinks;
}

}  // namespace pangu::adaptive
