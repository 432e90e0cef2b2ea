// SPDX-License-Identifier: Apache-2.0
// What is done with all gradients at once between the backward pass and the optimizer.
#pragma once

#include <span>

#include "base/thread_pool.h"
#include "train/parameter.h"

namespace pangu {

void zero_gradients(std::span<Parameter> parameters, ThreadPool& threads);

/// The Euclidean norm of all gradients together; NaN or infinite if one of them is. Summed in
/// double in a fixed order, so that it does not depend on the number of threads.
double gradient_norm(std::span<const Parameter> parameters, ThreadPool& threads);

/// The factor that brings a norm down to `max_norm`: 1 if it is below, or if max_norm is 0, which
/// turns clipping off.
double clip_scale(double norm, double max_norm);

}  // namespace pangu
