// SPDX-License-Identifier: Apache-2.0
// Mean magnitude of what a unit puts out. Source: Muralidharan et al. 2024 (Minitron),
// arXiv:2407.14679; for channels and heads Chen et al. 2025 (Pangu Light), arXiv:2505.20155.
#include <cmath>

#include "compress/method.h"

namespace pangu::compress {
namespace {

std::vector<double> magnitudes(const LayerEvidence& e, const ScoreOptions&) {
  std::vector<double> scores = e.activations.magnitude;
  for (double& s : scores) s /= static_cast<double>(e.activations.tokens);
  return scores;
}

std::vector<double> norms(const LayerEvidence& e, const ScoreOptions&) {
  std::vector<double> scores = e.activations.squares;
  for (double& s : scores) s = std::sqrt(s / static_cast<double>(e.activations.tokens));
  return scores;
}

}  // namespace

constinit const Method kActivationMethod = {
    .name = "activation",
    .summary = "mean magnitude of what a unit puts out",
    .needs = Needs::kForward,
    .neurons = magnitudes,
    .heads = norms,
    .channels = magnitudes,
};

}  // namespace pangu::compress
