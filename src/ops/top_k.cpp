// SPDX-License-Identifier: Apache-2.0
#include "ops/top_k.h"

#include "ops/launch.h"
#include "ops/tape.h"

namespace pangu::ops {
TopK top_k(const Tensor& x, std::int64_t groups, std::int64_t k, Context& ctx) {
  if (x.rank() != 2 || groups < 1 || x.dim(1) % groups != 0 || k < 1 || k > x.dim(1) / groups) {
    fail<ShapeError>("[top_k] the {} largest of {} groups cannot be taken from rows of {}.", k,
                     groups, x.shape());
  }
  const std::int64_t T = x.dim(0), n = x.dim(1) / groups, K = groups * k;
  TopK out{ctx.empty({T, K}, DType::kF32), std::vector<std::int32_t>(std::size_t(T * K))};
  kernels::TopKArgs args{.x_stride = x.stride(0),
                         .rows = T,
                         .groups = groups,
                         .n = n,
                         .k = k,
                         .columns = out.indices.data()};
  launch(&OpTable::top_k, args, {reads(args.x, x), writes(args.values, out.values)}, ctx);
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(out.values, [x, K, columns = out.indices, tape](const Tensor& dy, Context& c) {
      const Tensor dx = tape->sum_slot(x, c);
      kernels::TopKBackwardArgs back{
          .columns = columns.data(), .dx_stride = dx.stride(0), .rows = dx.dim(0), .k = K};
      launch(&OpTable::top_k_backward, back, {reads(back.dy, dy), updates(back.dx, dx)}, c);
    });
  }
  return out;
}

}  // namespace pangu::ops
