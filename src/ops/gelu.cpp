// SPDX-License-Identifier: Apache-2.0
#include "ops/gelu.h"

#include "kernels/gelu/gelu.h"
#include "ops/argument_checks.h"
#include "ops/tape.h"

namespace pangu::ops {

Tensor gelu(const Tensor& x, DType out, Context& ctx) {
  check_output_type("gelu", out);
  if (!x.is_contiguous()) fail<ShapeError>("[gelu] x {} is strided.", x.shape());
  Tensor y = ctx.empty(x.shape(), out);
  kernels::gelu({.x = x.data<float>(), .y = y.raw(), .y_dtype = out, .count = x.count()},
                ctx.executor());
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(y, [x, tape](const Tensor& dy, Context& c) {
      const Tape::Slot dx = tape->slot(x, c);
      kernels::gelu_backward({.x = x.data<float>(),
                              .dy = dy.data<float>(),
                              .dx = dx.grad.data<float>(),
                              .accumulate = dx.accumulate,
                              .count = x.count()},
                             c.executor());
    });
  }
  return y;
}

}  // namespace pangu::ops
