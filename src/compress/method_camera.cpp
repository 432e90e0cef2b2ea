// SPDX-License-Identifier: Apache-2.0
// CAMERA-P: a neuron is a micro-expert, and its energy what it adds to the output over the text.
// Source: Xu et al. 2026, arXiv:2508.02322: E = ((1 - a) sum of h² + a max of h²) |w|², w its
// column of down.
#include "compress/method.h"

namespace pangu::compress {
namespace {

std::vector<double> camera_score(const LayerEvidence& e, const ScoreOptions& options) {
  const double a = options.camera.reduce_ratio;
  std::vector<double> scores(e.squares.out.size());
  for (std::size_t i = 0; i < scores.size(); ++i) {
    scores[i] = ((1 - a) * e.activations.squares[i] + a * e.activations.largest_square[i]) *
                e.squares.out[i];
  }
  return scores;
}

}  // namespace

constinit const Method kCameraMethod = {
    .name = "camera",
    .summary = "CAMERA-P: energy that a neuron adds to the output, layer by layer",
    .needs = Needs::kForward,
    .neurons = camera_score,
    .follows_pruned = true,
    .align = 64,
    .rounds_up = true,
};

}  // namespace pangu::compress
