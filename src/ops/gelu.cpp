// SPDX-License-Identifier: Apache-2.0
#include "ops/gelu.h"

#include "ops/argument_checks.h"
#include "ops/launch.h"
#include "ops/tape.h"

namespace pangu::ops {

Tensor gelu(const Tensor& x, DType out, Context& ctx) {
  check_output_type("gelu", out);
  if (!x.is_contiguous()) fail<ShapeError>("[gelu] x {} is strided.", x.shape());
  Tensor y = ctx.empty(x.shape(), out);
  kernels::GeluArgs args{.y_dtype = out, .count = x.count()};
  launch(&OpTable::gelu, args, {reads(args.x, x), writes(args.y, y)}, ctx);
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(y, [x, tape](const Tensor& dy, Context& c) {
      const Tape::Slot dx = tape->slot(x, c);
      kernels::GeluBackwardArgs back{.accumulate = dx.accumulate, .count = x.count()};
      launch(&OpTable::gelu_backward, back,
             {reads(back.x, x), reads(back.dy, dy), updates(back.dx, dx.grad)}, c);
    });
  }
  return y;
}

}  // namespace pangu::ops
