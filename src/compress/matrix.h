// SPDX-License-Identifier: Apache-2.0
// Products of f32 matrices on all threads: what scoring and repairing by second moments come down
// to.
#pragma once

#include <span>

#include "ops/context.h"
#include "quant/packed_matrix.h"

namespace pangu::compress {

/// A copy of row-major values as [rows, values / rows].
Tensor matrix_of(std::span<const float> values, std::int64_t rows, Context& ctx);

/// Row-major values of rows of k as the kernels want them: in f32, or bf16 where ctx.dtype() is.
PackedMatrix packed_matrix(std::span<const float> values, std::int64_t k, Context& ctx);

/// All in the host's memory. Operands are f32 or bf16, rows may be strided; results are f32.
Tensor times(const Tensor& a, const Tensor& b, Context& ctx);             ///< a b
Tensor times_transposed(const Tensor& a, const Tensor& b, Context& ctx);  ///< a bᵀ
Tensor transposed_times(const Tensor& a, const Tensor& b, Context& ctx);  ///< aᵀ b
/// Of row r of both, f32 of one width, in double.
double row_dot(const Tensor& a, const Tensor& b, std::int64_t r);
/// c += aᵀ a
void add_gram(const Tensor& a, const Tensor& c, Context& ctx);

}  // namespace pangu::compress
