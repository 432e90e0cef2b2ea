// SPDX-License-Identifier: Apache-2.0
#include "ops/top_k.h"

#include <algorithm>
#include <numeric>

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

}  // namespace

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

}  // namespace pangu::ops
