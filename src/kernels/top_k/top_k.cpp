// SPDX-License-Identifier: Apache-2.0
#include "kernels/top_k/top_k.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace pangu::kernels {
namespace {

/// Columns of the k largest in [first, first + n) of a row.
void largest(const float* row, int64_t first, int64_t n, int64_t k, std::int32_t* columns) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), static_cast<std::int32_t>(first));
  std::partial_sort(
      order.begin(), order.begin() + k, order.end(),
      [row](std::int32_t a, std::int32_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
  std::copy_n(order.begin(), static_cast<std::size_t>(k), columns);
}

}  // namespace

void top_k(const TopKArgs& args, const Executor& on) {
  const int64_t chosen = args.groups * args.k;
  on.threads.parallel_for(args.rows, 16, [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) {
      const float* row = args.x + r * args.x_stride;
      std::int32_t* columns = args.columns + r * chosen;
      for (int64_t g = 0; g < args.groups; ++g) {
        largest(row, g * args.n, args.n, args.k, columns + g * args.k);
      }
      for (int64_t i = 0; i < chosen; ++i) args.values[r * chosen + i] = row[columns[i]];
    }
  });
}

void top_k_backward(const TopKBackwardArgs& args, const Executor& on) {
  on.threads.parallel_for(args.rows, 16, [&](int64_t first, int64_t last) {
    for (int64_t i = first * args.k; i < last * args.k; ++i) {
      args.dx[i / args.k * args.dx_stride + args.columns[i]] += args.dy[i];
    }
  });
}

}  // namespace pangu::kernels
