// SPDX-License-Identifier: Apache-2.0
#include "kernels/add/add.h"

#include <algorithm>

#include "kernels/grain.h"

namespace pangu::kernels {
namespace {

constexpr int64_t kColumnsPerTask = 128;

/// Runs body(first column, columns) for slices of columns: each thread sums all rows of its own.
template <class Body>
void for_columns(int64_t n, const Executor& on, const Body& body) {
  const int64_t slices = (n + kColumnsPerTask - 1) / kColumnsPerTask;
  on.threads.parallel_for(slices, 1, [&](int64_t begin, int64_t end) {
    const int64_t first = begin * kColumnsPerTask;
    body(first, std::min(n, end * kColumnsPerTask) - first);
  });
}

}  // namespace

void add_rows(const AddRowsArgs& args, const Executor& on) {
  on.threads.parallel_for(args.rows, tokens_per_task(args.n), [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) {
      const float* x = args.x + r * args.x_stride;
      float* y = args.y + r * args.y_stride;
      if (!args.accumulate)
        std::copy(x, x + args.n, y);
      else
        for (int64_t i = 0; i < args.n; ++i) y[i] += x[i];
    }
  });
}

void add_column_sums(const ColumnSumsArgs& args, const Executor& on) {
  for_columns(args.n, on, [&](int64_t first, int64_t n) {
    float sums[kColumnsPerTask] = {};
    for (int64_t r = 0; r < args.rows; ++r) {
      const float* x = args.x + r * args.x_stride + first;
      for (int64_t i = 0; i < n; ++i) sums[i] += x[i];
    }
    for (int64_t i = 0; i < n; ++i) args.y[first + i] += sums[i];
  });
}

void scatter_add(const ScatterAddArgs& args, const Executor& on) {
  for_columns(args.n, on, [&](int64_t first, int64_t n) {
    for (int64_t r = 0; r < args.rows; ++r) {
      const float* x = args.x + r * args.x_stride + first;
      float* y = args.y + args.at[r] * args.y_stride + first;
      const float weight = args.weights ? args.weights[r] : 1.0f;
      for (int64_t i = 0; i < n; ++i) y[i] += weight * x[i];
    }
  });
}

void scatter_add_backward(const ScatterAddBackwardArgs& args, const Executor& on) {
  on.threads.parallel_for(args.rows, 16, [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) {
      const float* dy = args.dy + args.at[r] * args.dy_stride;
      const float* x = args.x + r * args.x_stride;
      float* dx = args.dx + r * args.dx_stride;
      float sum = 0.0f;
      for (int64_t i = 0; i < args.n; ++i) {
        dx[i] += args.weights[r] * dy[i];
        sum += dy[i] * x[i];
      }
      args.dweights[r] += sum;
    }
  });
}

}  // namespace pangu::kernels
