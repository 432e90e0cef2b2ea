// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "ops/context.h"

namespace pangu::ops {

struct TopK {
  Tensor values;                      ///< f32 [T, groups * k], largest first within a group
  std::vector<std::int32_t> indices;  ///< their columns, row by row
};

/// The k largest of each of `groups` equal stretches of every row; of equals the first.
/// x f32 [T, n]. Gradients flow through the values. Throws ShapeError unless groups divide n and k
/// fits a group.
/// Source: Pangu Pro MoE's grouped choice, arXiv:2505.21411; with one group, plain top-k.
TopK top_k(const Tensor& x, std::int64_t groups, std::int64_t k, Context& ctx);

}  // namespace pangu::ops
