// SPDX-License-Identifier: Apache-2.0
#include "train/optimizer.h"

#include <cstddef>

namespace pangu {

Optimizer::Optimizer(std::span<Parameter> parameters, const OptimizerOptions& options)
    : parameters_(parameters), options_(options), muon_(options.muon), moments_(parameters.size()) {
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    moments_[i].first.resize(parameters[i].value.size());
    if (!uses_muon(parameters[i])) moments_[i].second.resize(parameters[i].value.size());
  }
}

bool Optimizer::uses_muon(const Parameter& p) const {
  return options_.kind == OptimizerOptions::Kind::kMuon && p.is_hidden_matrix;
}

void Optimizer::update(std::int64_t step, double rate, double gradient_scale, const Executor& on) {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Parameter& p = parameters_[i];
    const UpdateStep update{.number = step,
                            .rate = rate,
                            .decay = p.decay ? options_.weight_decay : 0,
                            .gradient_scale = gradient_scale};
    if (uses_muon(p)) {
      muon_.update(p, moments_[i], update, on);
    } else {
      adamw_update(p, moments_[i], options_.adamw, update, on.threads);
    }
  }
}

}  // namespace pangu
