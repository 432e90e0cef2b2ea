// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "ops/context.h"

namespace pangu::ops {

/// y[at[i]] += weights[i] x[i] on y = `onto`, in order of i: an expert's rows go back to their
/// tokens.
/// x f32 [n, E]; at [n], rows of onto; weights f32 [n]; onto f32 [T, E]. Returns [T, E].
/// Throws ShapeError if the sizes differ or a row is not there.
Tensor scatter_add_rows(const Tensor& x, std::span<const std::int32_t> at, const Tensor& weights,
                        const Tensor& onto, Context& ctx);

/// onto[at[i]] += weights[i] x[i] in place, or x[i] where there are no weights. No tape notes it.
void scatter_add(const Tensor& x, std::span<const std::int32_t> at, const Tensor& weights,
                 const Tensor& onto, Context& ctx);

}  // namespace pangu::ops
