// SPDX-License-Identifier: Apache-2.0
// Layers that change little of what goes through them. Source: Men et al. 2024 (ShortGPT),
// arXiv:2403.03853: block influence.
#include "compress/method.h"

namespace pangu::compress {
namespace {

std::vector<double> depth_score(const LayerEvidence& e, const ScoreOptions&) {
  return {e.influence};
}

}  // namespace

constinit const Method kDepthMethod = {
    .name = "depth",
    .summary = "block influence: layers that change little go",
    .needs = Needs::kForward,
    .layers = depth_score,
};

}  // namespace pangu::compress
