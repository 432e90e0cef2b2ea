// SPDX-License-Identifier: Apache-2.0
// Products of plain matrices.
#pragma once

#include <cstdint>

#include "ops/context.h"

namespace pangu::ops {

/// One side of a product: a matrix, f32 or bf16 with rows of any stride, or its transpose.
struct Factor {
  const Tensor& x;
  bool transposed = false;
};

/// c = a b, or c += a b: a [m, k], b [k, n], c f32 [m, n], rows of any stride. In the arithmetic of
/// the context: with bf16, factors are rounded to bf16 where the machine multiplies those. The
/// order of the sums does not depend on the number of threads. No tape notes it.
/// Throws ShapeError if the sizes differ.
void matmul(const Factor& a, const Factor& b, const Tensor& c, bool accumulate, Context& ctx);
/// The same in an arithmetic of its own, f32 or bf16.
void matmul(const Factor& a, const Factor& b, const Tensor& c, bool accumulate, DType arithmetic,
            Context& ctx);

/// One side of a product of the host: f32 or bf16 elements [i * row_stride + j * column_stride].
struct HostFactor {
  const void* data;
  int64_t row_stride, column_stride = 1;
  DType dtype = DType::kF32;

  HostFactor transposed() const { return {data, column_stride, row_stride, dtype}; }
};

/// The same as matmul() over memory of the host, on its own kernels: c[i * c_stride + j] of [m, n],
/// with k terms each, in f32.
void host_matmul(const HostFactor& a, const HostFactor& b, float* c, int64_t c_stride, int64_t m,
                 int64_t n, int64_t k, bool accumulate, const Executor& on);

}  // namespace pangu::ops
