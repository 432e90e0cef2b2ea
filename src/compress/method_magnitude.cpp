// SPDX-License-Identifier: Apache-2.0
// Euclidean norm of all weights of a unit: needs no text. Source: Han et al. 2015,
// arXiv:1506.02626.
#include <cmath>

#include "compress/method.h"

namespace pangu::compress {
namespace {

std::vector<double> magnitude_score(const LayerEvidence& e, const ScoreOptions&) {
  std::vector<double> scores = e.squares.in;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    scores[i] = std::sqrt(scores[i] + e.squares.out[i]);
  }
  return scores;
}

}  // namespace

constinit const Method kMagnitudeMethod = {
    .name = "magnitude",
    .summary = "norm of a unit's weights; needs no text",
    .needs = Needs::kWeights,
    .neurons = magnitude_score,
    .heads = magnitude_score,
    .layers = magnitude_score,
    .channels = magnitude_score,
};

}  // namespace pangu::compress
