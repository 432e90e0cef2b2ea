// SPDX-License-Identifier: Apache-2.0
#include "ops/rms_norm.h"

#include "ops/argument_checks.h"
#include "ops/launch.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

void rms_norm_backward(const Tensor& x, const Tensor& weight, float eps, const Tensor& dy,
                       Tape& tape, Context& ctx) {
  const bool has_heads = x.rank() == 3;
  const Tape::Slot dx = tape.slot(x, ctx);
  const Tensor dweight = tape.wants(weight) ? tape.sum_slot(weight, ctx) : Tensor{};
  kernels::RmsNormBackwardArgs args{.x_token_stride = x.stride(0),
                                    .x_head_stride = has_heads ? x.stride(1) : 0,
                                    .eps = eps,
                                    .dx_token_stride = dx.grad.stride(0),
                                    .dx_head_stride = has_heads ? dx.grad.stride(1) : 0,
                                    .accumulate = dx.accumulate,
                                    .tokens = x.dim(0),
                                    .heads = has_heads ? x.dim(1) : 1,
                                    .n = x.dim(-1)};
  launch(&OpTable::rms_norm_backward, args,
         {reads(args.x, x), reads(args.weight, weight), reads(args.dy, dy),
          updates(args.dx, dx.grad), updates(args.dweight, dweight)},
         ctx);
}

}  // namespace

Tensor rms_norm(const Tensor& x, const Tensor& weight, float eps, DType out, Context& ctx) {
  check_output_type("rms_norm", out);
  if (x.rank() < 2 || x.rank() > 3 || weight.shape() != Shape{x.dim(-1)}) {
    fail<ShapeError>(
        "[rms_norm] weight is {} but x is {}: one weight per column is needed. Does this norm "
        "belong to another layer or model?",
        weight.shape(), x.shape());
  }
  check_eps("rms_norm", "rms_norm_eps", eps);
  const bool has_heads = x.rank() == 3;
  Tensor y = ctx.empty(x.shape(), out);
  kernels::RmsNormArgs args{.x_token_stride = x.stride(0),
                            .x_head_stride = has_heads ? x.stride(1) : 0,
                            .eps = eps,
                            .y_dtype = out,
                            .tokens = x.dim(0),
                            .heads = has_heads ? x.dim(1) : 1,
                            .n = x.dim(-1)};
  launch(&OpTable::rms_norm, args,
         {reads(args.x, x), reads(args.weight, weight), writes(args.y, y)}, ctx);
  if (Tape* const tape = recording(ctx, {&x, &weight})) {
    tape->record(y, [x, weight, eps, tape](const Tensor& dy, Context& c) {
      rms_norm_backward(x, weight, eps, dy, *tape, c);
    });
  }
  return y;
}

}  // namespace pangu::ops
