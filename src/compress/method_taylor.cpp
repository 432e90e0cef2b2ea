// SPDX-License-Identifier: Apache-2.0
// First-order Taylor: how much the loss would change, to first order, without a unit's weights.
// Source: Molchanov et al. 2019, arXiv:1906.10771; Ma et al. 2023 (LLM-Pruner), arXiv:2305.11627.
// The gradient is summed over the text before the absolute value is taken.
#include <algorithm>
#include <numeric>

#include "compress/method.h"

namespace pangu::compress {
namespace {

std::vector<double> taylor_score(const LayerEvidence& e, const ScoreOptions& options) {
  std::vector<double> scores = e.taylor.in;
  if (!options.taylor.include_down) return scores;
  for (std::size_t i = 0; i < scores.size(); ++i) scores[i] += e.taylor.out[i];
  return scores;
}

/// As shares of the layer's sum: layers that the loss hangs on more do not crowd out others where
/// scores of several layers are compared.
std::vector<double> normalized(const LayerEvidence& e, const ScoreOptions& options) {
  std::vector<double> scores = taylor_score(e, options);
  const double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
  if (sum > 0) {
    for (double& s : scores) s /= sum;
  }
  return scores;
}

}  // namespace

constinit const Method kTaylorMethod = {
    .name = "taylor",
    .summary = "|weight x gradient| summed over a unit's weights",
    .needs = Needs::kGradients,
    .neurons = taylor_score,
    .heads = taylor_score,
    .layers = taylor_score,
    .channels = taylor_score,
    .rounds = 5,
};

constinit const Method kTaylorNormalizedMethod = {
    .name = "taylor-normalized",
    .summary = "the same as a share of its layer; differs with --allocation global",
    .needs = Needs::kGradients,
    .neurons = normalized,
    .heads = normalized,
    .rounds = 5,
};

}  // namespace pangu::compress
