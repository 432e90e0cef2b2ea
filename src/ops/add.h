// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ops/context.h"

namespace pangu::ops {

/// y = a + b, both f32 [T, n]; rows may be strided. Returns [T, n].
/// Throws ShapeError if the shapes differ.
Tensor add(const Tensor& a, const Tensor& b, Context& ctx);

/// y = x, or y += x: f32 of one shape, rows of either may be strided. No tape notes it.
void add_rows(const Tensor& x, const Tensor& y, bool accumulate, Context& ctx);

}  // namespace pangu::ops
