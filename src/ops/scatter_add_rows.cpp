// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter_add_rows.h"

#include <vector>

#include "ops/add.h"
#include "ops/launch.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

void check_scatter(const Tensor& x, std::span<const std::int32_t> at, const Tensor& weights,
                   const Tensor& onto) {
  if (x.rank() != 2 || onto.rank() != 2 || x.dim(1) != onto.dim(1) || std::ssize(at) != x.dim(0) ||
      weights.shape() != Shape{x.dim(0)}) {
    fail<ShapeError>(
        "[scatter_add_rows] x is {}, weights {}, onto {}, and there are {} places: [n, E], [n], "
        "[T, E] and n are needed.",
        x.shape(), weights.shape(), onto.shape(), at.size());
  }
  for (const std::int32_t row : at) {
    if (row < 0 || row >= onto.dim(0)) {
      fail<ShapeError>("[scatter_add_rows] row {} is not within {}.", row, onto.shape());
    }
  }
}

/// dx = weights[i] dy[at[i]], dweights = dy[at[i]] · x[i]
void scatter_backward(const Tensor& x, std::span<const std::int32_t> at, const Tensor& weights,
                      const Tensor& dy, Context& ctx) {
  Tape& tape = *ctx.tape();
  const Tensor dx = tape.sum_slot(x, ctx), dweights = tape.sum_slot(weights, ctx);
  kernels::ScatterAddBackwardArgs args{.dy_stride = dy.stride(0),
                                       .at = at.data(),
                                       .x_stride = x.stride(0),
                                       .dx_stride = dx.stride(0),
                                       .rows = x.dim(0),
                                       .n = x.dim(1)};
  launch(&OpTable::scatter_add_backward, args,
         {reads(args.dy, dy), reads(args.x, x), reads(args.weights, weights), updates(args.dx, dx),
          updates(args.dweights, dweights)},
         ctx);
}

}  // namespace

void scatter_add(const Tensor& x, std::span<const std::int32_t> at, const Tensor& weights,
                 const Tensor& onto, Context& ctx) {
  kernels::ScatterAddArgs args{.x_stride = x.stride(0),
                               .at = at.data(),
                               .y_stride = onto.stride(0),
                               .rows = x.dim(0),
                               .n = x.dim(1)};
  launch(&OpTable::scatter_add, args,
         {reads(args.x, x), reads(args.weights, weights), updates(args.y, onto)}, ctx);
}

Tensor scatter_add_rows(const Tensor& x, std::span<const std::int32_t> at, const Tensor& weights,
                        const Tensor& onto, Context& ctx) {
  check_scatter(x, at, weights, onto);
  Tensor y = ctx.empty(onto.shape(), DType::kF32);
  add_rows(onto, y, false, ctx);
  scatter_add(x, at, weights, y, ctx);
  if (Tape* const tape = recording(ctx, {&x, &weights, &onto})) {
    tape->record(y, [x, weights, onto, places = std::vector(at.begin(), at.end()), tape](
                        const Tensor& dy, Context& c) {
      const TapeScope on(c, tape);
      scatter_backward(x, places, weights, dy, c);
      if (tape->wants(onto)) tape->give(onto, dy, c);
    });
  }
  return y;
}

}  // namespace pangu::ops
