// SPDX-License-Identifier: Apache-2.0
#include "ops/gather_rows.h"

#include <cstring>
#include <vector>

#include "kernels/add/add.h"
#include "ops/tape.h"

namespace pangu::ops {

Tensor gather_rows(const Tensor& x, std::span<const std::int32_t> rows, Context& ctx) {
  Tensor y = ctx.empty({static_cast<int64_t>(rows.size()), x.dim(1)}, x.dtype());
  const std::size_t element = size_bytes(x.dtype());
  const std::size_t row_bytes = static_cast<std::size_t>(x.dim(1)) * element;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < 0 || rows[i] >= x.dim(0)) {
      fail<ShapeError>("[gather_rows] row {} is not within {}.", rows[i], x.shape());
    }
    std::memcpy(y.raw() + i * row_bytes,
                x.raw() + static_cast<std::size_t>(rows[i] * x.stride(0)) * element, row_bytes);
  }
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(
        y, [x, at = std::vector(rows.begin(), rows.end()), tape](const Tensor& dy, Context& c) {
          const Tensor dx = tape->sum_slot(x, c);
          kernels::scatter_add({.x = dy.data<float>(),
                                .x_stride = dy.stride(0),
                                .at = at.data(),
                                .weights = nullptr,
                                .y = dx.data<float>(),
                                .y_stride = dx.stride(0),
                                .rows = dy.dim(0),
                                .n = dy.dim(1)},
                               c.executor());
        });
  }
  return y;
}

}  // namespace pangu::ops
