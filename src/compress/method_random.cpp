// SPDX-License-Identifier: Apache-2.0
// The control that every method must beat.
#include "base/counter_rng.h"
#include "compress/method.h"

namespace pangu::compress {
namespace {

std::vector<double> random_score(const LayerEvidence& e, const ScoreOptions& options) {
  const std::uint64_t seed = choice_seed(options.seed, static_cast<std::uint32_t>(e.layer + 1));
  std::vector<double> scores(static_cast<std::size_t>(e.units));
  for (std::size_t i = 0; i < scores.size(); ++i) {
    // What an earlier round has masked goes again.
    const bool is_empty = e.squares.in[i] + e.squares.out[i] == 0;
    scores[i] = is_empty ? -1 : uniform(seed, i, RandomStream::kPruningScore);
  }
  return scores;
}

}  // namespace

constinit const Method kRandomMethod = {
    .name = "random",
    .summary = "the control that others must beat; needs no text",
    .needs = Needs::kWeights,
    .neurons = random_score,
    .heads = random_score,
    .layers = random_score,
    .channels = random_score,
};

}  // namespace pangu::compress
