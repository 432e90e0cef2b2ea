// SPDX-License-Identifier: Apache-2.0
// Linear layers and embeddings over weights of any format.
#pragma once

#include <span>

#include "ops/context.h"
#include "pangu/token.h"
#include "quant/packed_matrix.h"

namespace pangu {

/// A weight [out, in] of any format with an optional bias [out]; several projections of the same
/// input may share one (q, k, v; gate and up), one after the other in the rows.
struct Linear {
  PackedMatrix weight;
  Tensor bias;  ///< f32 [out], or undefined

  int64_t n_out() const { return weight.rows(); }
  int64_t n_in() const { return weight.k(); }
};

namespace ops {

/// y = x wᵀ + bias.
/// x [T, in], f32 or bf16, rows may be strided. Returns f32 [T, out].
/// Throws ShapeError if the inner sizes differ.
Tensor linear(const Tensor& x, const Linear& w, Context& ctx);

/// y = residual + x wᵀ + bias; residual is f32 [T, out].
Tensor linear_add(const Tensor& x, const Linear& w, const Tensor& residual, Context& ctx);

/// Rows of `table` [vocab, hidden], exact in f32: returns [T, hidden].
/// Throws InputError for an id outside the table.
Tensor embedding(std::span<const TokenId> ids, const PackedMatrix& table, Context& ctx);

}  // namespace ops
}  // namespace pangu
