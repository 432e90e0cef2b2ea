// SPDX-License-Identifier: Apache-2.0
// AdamW: Adam with decoupled weight decay, in f32.
#pragma once

#include <cstdint>

#include "base/thread_pool.h"
#include "train/parameter.h"

namespace pangu {

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.95;
  double eps = 1e-8;
};

/// Applies grad * step.gradient_scale to one parameter. For each weight w with gradient g, at step
/// t:
///   m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
///   w = w - rate * decay * w - rate * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
/// `moments` has m and v, as many f32 each as there are weights. Results do not depend on the
/// number of threads.
/// source  Loshchilov & Hutter 2019, arXiv:1711.05101.
void adamw_update(const Parameter& parameter, Moments& moments, const AdamWOptions& options,
                  const UpdateStep& step, ThreadPool& threads);

}  // namespace pangu
