// SPDX-License-Identifier: Apache-2.0
// Linear layers and embeddings over weights of any format.
#pragma once

#include <span>
#include <vector>

#include "ops/context.h"
#include "pangu/token.h"
#include "quant/packed_matrix.h"

namespace pangu {

/// A weight [out, in] of any format with an optional bias [out]; several projections of the same
/// input may share one (q, k, v; gate and up), one after the other in the rows. Where they have
/// different formats, each has a part of its own.
struct Linear {
  std::vector<PackedMatrix> parts;  ///< one below the other
  Tensor bias;                      ///< f32 [out], or undefined

  int64_t n_out() const {
    int64_t n = 0;
    for (const PackedMatrix& p : parts) n += p.rows();
    return n;
  }
  int64_t n_in() const { return parts.front().k(); }
  std::size_t bytes() const {
    std::size_t n = 0;
    for (const PackedMatrix& p : parts) n += p.bytes();
    return n;
  }
};

namespace ops {

/// y = x wᵀ + bias.
/// x [T, in], f32 or bf16, rows may be strided. Returns f32 [T, out].
/// Throws ShapeError if the inner sizes differ.
Tensor linear(const Tensor& x, const Linear& w, Context& ctx);

/// y = residual + x wᵀ + bias; residual is f32 [T, out].
Tensor linear_add(const Tensor& x, const Linear& w, const Tensor& residual, Context& ctx);

/// What linear's gradients are: dx += dy w, dw += dyᵀ x, dbias += the sum of dy's rows, each where
/// the context's tape wants it. dy is f32 [T, out].
void linear_backward(const Tensor& x, const Linear& w, const Tensor& dy, Context& ctx);

/// Rows `ids` of w, or rows [first, first + n) where there are no ids, exact in f32: [n, k].
Tensor unpack_rows(const PackedMatrix& w, int64_t first, std::span<const TokenId> ids, int64_t n,
                   Context& ctx);

/// Rows of `table` [vocab, hidden], exact in f32: returns [T, hidden].
/// Throws InputError for an id outside the table.
Tensor embedding(std::span<const TokenId> ids, const PackedMatrix& table, Context& ctx);

}  // namespace ops
}  // namespace pangu
