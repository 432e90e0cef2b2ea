// SPDX-License-Identifier: Apache-2.0
#include "ops/rope.h"

#include "ops/launch.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

struct Turn {
  bool inverse, accumulate;
};

void turn(const Tensor& x, const RopeAngles& angles, const Tensor& y, const Turn& how,
          Context& ctx) {
  kernels::RopeArgs args{.x_token_stride = x.stride(0),
                         .x_head_stride = x.stride(1),
                         .y_token_stride = y.stride(0),
                         .y_head_stride = y.stride(1),
                         .tokens = x.dim(0),
                         .heads = x.dim(1),
                         .head_dim = x.dim(2),
                         .inverse = how.inverse,
                         .accumulate = how.accumulate};
  launch(&OpTable::rope, args,
         {reads(args.x, x), reads(args.cos, angles.cos), reads(args.sin, angles.sin),
          updates(args.y, y)},
         ctx);
}

}  // namespace

Tensor rope(const Tensor& x, const RopeAngles& angles, Context& ctx) {
  if (x.rank() != 3 || x.dim(2) % 2 != 0 || angles.cos.shape() != Shape{x.dim(0), x.dim(2) / 2} ||
      angles.sin.shape() != angles.cos.shape()) {
    fail<ShapeError>("[rope] x is {} but the angles are {}; [T, H, D] and [T, D / 2] are needed.",
                     x.shape(), angles.cos.shape());
  }
  Tensor y = ctx.empty(x.shape(), DType::kF32);
  turn(x, angles, y, {.inverse = false, .accumulate = false}, ctx);
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(y, [x, angles, tape](const Tensor& dy, Context& c) {
      const Tape::Slot dx = tape->slot(x, c);
      turn(dy, angles, dx.grad, {.inverse = true, .accumulate = dx.accumulate}, c);
    });
  }
  return y;
}

}  // namespace pangu::ops
