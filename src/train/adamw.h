// SPDX-License-Identifier: Apache-2.0
// AdamW: Adam with decoupled weight decay, in f32.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "train/parameter.h"

namespace pangu {

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.95;
  double eps = 1e-8;
  double weight_decay = 0.1;
};

/// Running means of one parameter's gradients and of their squares.
struct Moments {
  std::vector<float> first, second;
};

/// Keeps two f32 moments per weight. For each weight w with gradient g, at step t:
///   m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
///   w = w - rate * decay * w - rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
/// Results do not depend on the number of threads.
/// source  Loshchilov & Hutter 2019, arXiv:1711.05101.
class AdamW {
 public:
  /// Moments are zero. `parameters` must outlive the optimizer and keep their places.
  AdamW(std::span<Parameter> parameters, const AdamWOptions& options);

  /// Applies grad * `gradient_scale` as step number `step`, counted from 1.
  void update(std::int64_t step, double rate, double gradient_scale, ThreadPool& threads);

  /// One entry per parameter, in their order: what a checkpoint must keep.
  std::span<Moments> moments() { return moments_; }

 private:
  std::span<Parameter> parameters_;
  AdamWOptions options_;
  std::vector<Moments> moments_;
};

}  // namespace pangu
