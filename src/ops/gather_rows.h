// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "ops/context.h"

namespace pangu::ops {

/// The given rows of x [T, n], of any type, as a new tensor.
Tensor gather_rows(const Tensor& x, std::span<const std::int32_t> rows, Context& ctx);

}  // namespace pangu::ops
