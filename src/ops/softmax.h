// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/context.h"

namespace pangu::ops {

/// softmax over the last axis. x f32 [T, n], rows may be strided -> [T, n].
Tensor softmax(const Tensor& x, Context& ctx);

}  // namespace pangu::ops
