// SPDX-License-Identifier: Apache-2.0
// What turns gradients into new weights: AdamW, or Muon for the matrices between hidden states.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/executor.h"
#include "train/adamw.h"
#include "train/muon.h"
#include "train/parameter.h"

namespace pangu {

struct OptimizerOptions {
  enum class Kind {
    kAdamW,
    kMuon,  ///< for hidden matrices; AdamW for the others
  };
  Kind kind = Kind::kAdamW;
  AdamWOptions adamw;
  MuonOptions muon;
  double weight_decay = 0.1;
};

/// Keeps f32 moments per weight: two for AdamW, one for Muon.
class Optimizer {
 public:
  /// Moments are zero. `parameters` must outlive the optimizer and keep their places.
  Optimizer(std::span<Parameter> parameters, const OptimizerOptions& options);

  /// Applies grad * `gradient_scale` as step number `step`, counted from 1. Results do not depend
  /// on the number of threads.
  void update(std::int64_t step, double rate, double gradient_scale, const Executor& on);

  /// One entry per parameter, in their order: what a checkpoint must keep.
  std::span<Moments> moments() { return moments_; }

 private:
  bool uses_muon(const Parameter& p) const;

  std::span<Parameter> parameters_;
  OptimizerOptions options_;
  Muon muon_;
  std::vector<Moments> moments_;
};

}  // namespace pangu
