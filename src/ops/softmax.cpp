// SPDX-License-Identifier: Apache-2.0
#include "ops/softmax.h"

#include "ops/launch.h"
#include "ops/tape.h"

namespace pangu::ops {

Tensor softmax(const Tensor& x, Context& ctx) {
  if (x.rank() != 2) fail<ShapeError>("[softmax] x is {}; [T, n] is needed.", x.shape());
  Tensor y = ctx.empty(x.shape(), DType::kF32);
  kernels::SoftmaxArgs args{.x_stride = x.stride(0), .rows = x.dim(0), .n = x.dim(1)};
  launch(&OpTable::softmax, args, {reads(args.x, x), writes(args.y, y)}, ctx);
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(y, [x, y, tape](const Tensor& dy, Context& c) {
      const Tape::Slot dx = tape->slot(x, c);
      kernels::SoftmaxBackwardArgs back{.dx_stride = dx.grad.stride(0),
                                        .accumulate = dx.accumulate,
                                        .rows = x.dim(0),
                                        .n = x.dim(1)};
      launch(&OpTable::softmax_backward, back,
             {reads(back.y, y), reads(back.dy, dy), updates(back.dx, dx.grad)}, c);
    });
  }
  return y;
}

}  // namespace pangu::ops
