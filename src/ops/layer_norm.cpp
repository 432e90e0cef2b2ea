// SPDX-License-Identifier: Apache-2.0
#include "ops/layer_norm.h"

#include "ops/argument_checks.h"
#include "ops/launch.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

void layer_norm_backward(const Tensor& x, const Tensor& weight, const Tensor& bias, float eps,
                         const Tensor& dy, Tape& tape, Context& ctx) {
  const Tape::Slot dx = tape.slot(x, ctx);
  const auto sums_of = [&](const Tensor& parameter) {
    const bool wanted = parameter.defined() && tape.wants(parameter);
    return wanted ? tape.sum_slot(parameter, ctx) : Tensor{};
  };
  kernels::LayerNormBackwardArgs args{.x_stride = x.stride(0),
                                      .eps = eps,
                                      .dx_stride = dx.grad.stride(0),
                                      .accumulate = dx.accumulate,
                                      .tokens = x.dim(0),
                                      .n = x.dim(1)};
  launch(
      &OpTable::layer_norm_backward, args,
      {reads(args.x, x), reads(args.weight, weight), reads(args.dy, dy), updates(args.dx, dx.grad),
       updates(args.dweight, sums_of(weight)), updates(args.dbias, sums_of(bias))},
      ctx);
}

}  // namespace

Tensor layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, float eps, DType out,
                  Context& ctx) {
  check_output_type("layer_norm", out);
  if (x.rank() != 2 || weight.shape() != Shape{x.dim(1)} ||
      (bias.defined() && bias.shape() != weight.shape())) {
    fail<ShapeError>(
        "[layer_norm] x is {}, weight {}, bias {}: [T, n] and a weight per column are needed.",
        x.shape(), weight.shape(), bias.shape());
  }
  check_eps("layer_norm", "layer_norm_eps", eps);
  Tensor y = ctx.empty(x.shape(), out);
  kernels::LayerNormArgs args{
      .x_stride = x.stride(0), .eps = eps, .y_dtype = out, .tokens = x.dim(0), .n = x.dim(1)};
  launch(&OpTable::layer_norm, args,
         {reads(args.x, x), reads(args.weight, weight), reads(args.bias, bias), writes(args.y, y)},
         ctx);
  if (Tape* const tape = recording(ctx, {&x, &weight, &bias})) {
    tape->record(y, [x, weight, bias, eps, tape](const Tensor& dy, Context& c) {
      layer_norm_backward(x, weight, bias, eps, dy, *tape, c);
    });
  }
  return y;
}

}  // namespace pangu::ops
