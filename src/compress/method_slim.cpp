// SPDX-License-Identifier: Apache-2.0
// SlimLLM: heads by how well the output of attention correlates with itself without them, neurons
// by direction and length of what they write. Source: Guo et al. 2025, arXiv:2505.22689; where that
// gives no formula, docs/prune.md says what is computed.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "compress/method.h"

namespace pangu::compress {
namespace {

std::vector<double> neurons(const LayerEvidence& e, const ScoreOptions& options) {
  const std::vector<double>& writes =
      options.slim.feature_power == 0 ? e.squares.out : e.feature_energy;
  std::vector<double> scores(writes.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    scores[i] = std::sqrt(e.activations.squares[i] * std::max(writes[i], 0.0));
  }
  return scores;
}

/// Pearson correlation between the whole output and that of some groups alone.
class Correlation {
 public:
  explicit Correlation(const HeadContributions& heads)
      : c_(heads.covariance), n_(static_cast<std::size_t>(heads.groups)) {
    total_ = std::accumulate(c_.begin(), c_.end(), 0.0);
  }

  double of(const std::vector<bool>& kept) const {
    double with_all = 0, among = 0;
    for (std::size_t g = 0; g < n_; ++g) {
      if (!kept[g]) continue;
      for (std::size_t h = 0; h < n_; ++h) {
        with_all += c_[g * n_ + h];
        if (kept[h]) among += c_[g * n_ + h];
      }
    }
    const double norms = std::sqrt(std::max(among, 0.0) * std::max(total_, 0.0));
    return norms > 0 ? with_all / norms : 0;
  }

 private:
  const std::vector<double>& c_;
  std::size_t n_;
  double total_;
};

std::vector<double> heads(const LayerEvidence& e, const ScoreOptions&) {
  const Correlation correlation(e.heads);
  std::vector<double> scores(static_cast<std::size_t>(e.units));
  std::vector<bool> kept(scores.size(), true);
  for (std::size_t g = 0; g < scores.size(); ++g) {
    kept[g] = false;
    scores[g] = -correlation.of(kept);
    kept[g] = true;
  }
  return scores;
}

/// Swaps a kept head for a removed one as long as that helps the most it can.
std::vector<std::int32_t> refine(const LayerEvidence& e, const std::vector<std::int32_t>& start) {
  const Correlation correlation(e.heads);
  std::vector<bool> kept(static_cast<std::size_t>(e.units), false);
  for (const std::int32_t g : start) kept[static_cast<std::size_t>(g)] = true;
  double best = correlation.of(kept);
  for (bool improved = true; improved;) {
    improved = false;
    std::vector<bool> winner = kept;
    for (std::size_t out = 0; out < kept.size(); ++out) {
      for (std::size_t in = 0; in < kept.size(); ++in) {
        if (!kept[out] || kept[in]) continue;
        std::vector<bool> swapped = kept;
        swapped[out] = false, swapped[in] = true;
        if (const double c = correlation.of(swapped); c > best) {
          best = c, winner = swapped, improved = true;
        }
      }
    }
    kept = winner;
  }
  std::vector<std::int32_t> chosen;
  for (std::size_t g = 0; g < kept.size(); ++g) {
    if (kept[g]) chosen.push_back(static_cast<std::int32_t>(g));
  }
  return chosen;
}

}  // namespace

constinit const Method kSlimMethod = {
    .name = "slim",
    .summary = "SlimLLM: correlation of heads, feature space of neurons; repairs by regression",
    .needs = Needs::kForward,
    .neurons = neurons,
    .heads = heads,
    .refine_heads = refine,
    .needs_feature_energy = true,
    .follows_pruned = true,
    .repairs = true,
};

}  // namespace pangu::compress
