// SPDX-License-Identifier: Apache-2.0
#include "ops/softmax.h"

#include "kernels/softmax/softmax.h"
#include "ops/tape.h"

namespace pangu::ops {

Tensor softmax(const Tensor& x, Context& ctx) {
  if (x.rank() != 2) fail<ShapeError>("[softmax] x is {}; [T, n] is needed.", x.shape());
  Tensor y = ctx.empty(x.shape(), DType::kF32);
  kernels::softmax({.x = x.data<float>(),
                    .x_stride = x.stride(0),
                    .y = y.data<float>(),
                    .rows = x.dim(0),
                    .n = x.dim(1)},
                   ctx.executor());
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(y, [x, y, tape](const Tensor& dy, Context& c) {
      const Tape::Slot dx = tape->slot(x, c);
      kernels::softmax_backward({.y = y.data<float>(),
                                 .dy = dy.data<float>(),
                                 .dx = dx.grad.data<float>(),
                                 .dx_stride = dx.grad.stride(0),
                                 .accumulate = dx.accumulate,
                                 .rows = x.dim(0),
                                 .n = x.dim(1)},
                                c.executor());
    });
  }
  return y;
}

}  // namespace pangu::ops
