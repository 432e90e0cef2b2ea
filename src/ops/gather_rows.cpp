// SPDX-License-Identifier: Apache-2.0
#include "ops/gather_rows.h"

#include <vector>

#include "ops/launch.h"
#include "ops/scatter_add_rows.h"
#include "ops/tape.h"

namespace pangu::ops {

Tensor gather_rows(const Tensor& x, std::span<const std::int32_t> rows, Context& ctx) {
  Tensor y = ctx.empty({static_cast<int64_t>(rows.size()), x.dim(1)}, x.dtype());
  for (const std::int32_t row : rows) {
    if (row < 0 || row >= x.dim(0)) {
      fail<ShapeError>("[gather_rows] row {} is not within {}.", row, x.shape());
    }
  }
  const auto element = static_cast<int64_t>(size_bytes(x.dtype()));
  kernels::GatherRowsArgs args{.x_stride = x.stride(0) * element,
                               .at = rows.data(),
                               .rows = std::ssize(rows),
                               .row_bytes = x.dim(1) * element};
  launch(&OpTable::gather_rows, args, {reads(args.x, x), writes(args.y, y)}, ctx);
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(
        y, [x, at = std::vector(rows.begin(), rows.end()), tape](const Tensor& dy, Context& c) {
          scatter_add(dy, at, {}, tape->sum_slot(x, c), c);
        });
  }
  return y;
}

}  // namespace pangu::ops
