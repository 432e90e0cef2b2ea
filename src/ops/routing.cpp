// SPDX-License-Identifier: Apache-2.0
#include "ops/routing.h"

#include <algorithm>
#include <numeric>

#include "kernels/add/add.h"
#include "kernels/softmax/softmax.h"
#include "ops/tape.h"

namespace pangu::ops {
namespace {

/// Columns of the k largest in [first, first + n) of a row, largest first, of equals the first.
void largest(const float* row, std::int64_t first, std::int64_t n, std::int64_t k,
             std::int32_t* columns) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), static_cast<std::int32_t>(first));
  std::partial_sort(
      order.begin(), order.begin() + k, order.end(),
      [row](std::int32_t a, std::int32_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
  std::copy_n(order.begin(), static_cast<std::size_t>(k), columns);
}

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

TopK top_k(const Tensor& x, std::int64_t groups, std::int64_t k, Context& ctx) {
  if (x.rank() != 2 || groups < 1 || x.dim(1) % groups != 0 || k < 1 || k > x.dim(1) / groups) {
    fail<ShapeError>("[top_k] the {} largest of {} groups cannot be taken from rows of {}.", k,
                     groups, x.shape());
  }
  const std::int64_t T = x.dim(0), n = x.dim(1) / groups, K = groups * k;
  TopK out{ctx.empty({T, K}, DType::kF32), std::vector<std::int32_t>(std::size_t(T * K))};
  ctx.threads().parallel_for(T, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t t = begin; t < end; ++t) {
      const float* row = x.data<float>() + t * x.stride(0);
      std::int32_t* columns = out.indices.data() + t * K;
      for (std::int64_t g = 0; g < groups; ++g) largest(row, g * n, n, k, columns + g * k);
      for (std::int64_t i = 0; i < K; ++i) out.values.data<float>()[t * K + i] = row[columns[i]];
    }
  });
  if (Tape* const tape = recording(ctx, {&x})) {
    tape->record(out.values, [x, K, columns = out.indices, tape](const Tensor& dy, Context& c) {
      const Tensor dx = tape->sum_slot(x, c);
      for (std::int64_t i = 0; i < dy.count(); ++i) {
        dx.data<float>()[i / K * dx.stride(0) + columns[static_cast<std::size_t>(i)]] +=
            dy.data<float>()[i];
      }
    });
  }
  return out;
}

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
