// SPDX-License-Identifier: Apache-2.0
// What routing tokens to experts takes: probabilities, the choice of the largest, and bringing the
// results of the chosen back.
#pragma once

#include <span>
#include <vector>

#include "ops/context.h"

namespace pangu::ops {

/// softmax over the last axis. x f32 [T, n], rows may be strided -> [T, n].
Tensor softmax(const Tensor& x, Context& ctx);

struct TopK {
  Tensor values;                      ///< f32 [T, groups * k], largest first within a group
  std::vector<std::int32_t> indices;  ///< their columns, row by row
};

/// The k largest of each of `groups` equal stretches of every row; of equals the first.
/// x f32 [T, n]. Gradients flow through the values. Throws ShapeError unless groups divide n and k
/// fits a group.
/// Source: Pangu Pro MoE's grouped choice, arXiv:2505.21411; with one group, plain top-k.
TopK top_k(const Tensor& x, std::int64_t groups, std::int64_t k, Context& ctx);

/// y[at[i]] += weights[i] x[i] on y = `onto`, in order of i: an expert's rows go back to their
/// tokens.
/// x f32 [n, E]; at [n], rows of onto; weights f32 [n]; onto f32 [T, E]. Returns [T, E].
/// Throws ShapeError if the sizes differ or a row is not there.
Tensor scatter_add_rows(const Tensor& x, std::span<const std::int32_t> at, const Tensor& weights,
                        const Tensor& onto, Context& ctx);

}  // namespace pangu::ops
