// SPDX-License-Identifier: Apache-2.0
#include "ops/scatter_add_rows.h"

#include <vector>

#include "kernels/add/add.h"
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
  const std::int64_t E = x.dim(1);
  ctx.threads().parallel_for(x.dim(0), 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float* d = dy.data<float>() + at[static_cast<std::size_t>(i)] * dy.stride(0);
      const float* from = x.data<float>() + i * x.stride(0);
      float* to = dx.data<float>() + i * dx.stride(0);
      const float weight = weights.data<float>()[i];
      float sum = 0.0f;
      for (std::int64_t e = 0; e < E; ++e) {
        to[e] += weight * d[e];
        sum += d[e] * from[e];
      }
      dweights.data<float>()[i] += sum;
    }
  });
}

}  // namespace

Tensor scatter_add_rows(const Tensor& x, std::span<const std::int32_t> at, const Tensor& weights,
                        const Tensor& onto, Context& ctx) {
  check_scatter(x, at, weights, onto);
  Tensor y = ctx.empty(onto.shape(), DType::kF32);
  kernels::add_rows({.x = onto.data<float>(),
                     .x_stride = onto.stride(0),
                     .y = y.data<float>(),
                     .y_stride = y.stride(0),
                     .accumulate = false,
                     .rows = onto.dim(0),
                     .n = onto.dim(1)},
                    ctx.executor());
  kernels::scatter_add({.x = x.data<float>(),
                        .x_stride = x.stride(0),
                        .at = at.data(),
                        .weights = weights.data<float>(),
                        .y = y.data<float>(),
                        .y_stride = y.stride(0),
                        .rows = x.dim(0),
                        .n = x.dim(1)},
                       ctx.executor());
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
