// SPDX-License-Identifier: Apache-2.0
#include "compress/activations.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "compress/matrix.h"
#include "ops/host.h"

namespace pangu::compress {
namespace {

template <class T>
void add_columns(const Tensor& x, std::int64_t begin, std::int64_t end, ColumnSums& out) {
  for (std::int64_t t = 0; t < x.dim(0); ++t) {
    const T* const row = x.data<T>() + t * x.stride(0);
    for (std::int64_t c = begin; c < end; ++c) {
      const auto at = static_cast<std::size_t>(c);
      const double value = to_f32(row[c]), square = value * value;
      out.sum[at] += value;
      out.magnitude[at] += std::fabs(value);
      out.squares[at] += square;
      out.largest_square[at] = std::max(out.largest_square[at], square);
    }
  }
}

float element(const Tensor& x, std::int64_t t, std::int64_t c) {
  return x.data<float>()[t * x.stride(0) + c];
}

}  // namespace

ColumnSums column_sums(std::span<const Tensor> x, Context& ctx) {
  constexpr std::int64_t kColumns = 128;  // at a time: a row of them is a few cache lines
  const std::int64_t n = x.empty() ? 0 : x.front().dim(1);
  ColumnSums out;
  for (auto* sums : {&out.sum, &out.magnitude, &out.squares, &out.largest_square}) {
    sums->assign(static_cast<std::size_t>(n), 0.0);
  }
  for (const Tensor& on_device : x) {
    const Tensor rows = to_host(on_device);
    out.tokens += rows.dim(0);
    ctx.threads().parallel_for(n, kColumns, [&](std::int64_t begin, std::int64_t end) {
      if (rows.dtype() == DType::kF32) {
        add_columns<float>(rows, begin, end, out);
      } else {
        add_columns<bf16>(rows, begin, end, out);
      }
    });
  }
  const auto bad = std::ranges::find_if_not(out.squares, [](double s) { return std::isfinite(s); });
  if (bad != out.squares.end()) {
    fail<NumericError>(
        "[calibration] activation {} of {} is infinite or not a number on the calibration text. "
        "Are the weights sound? `pangu eval --task ppl` shows.",
        bad - out.squares.begin(), n);
  }
  return out;
}

Tensor gram(std::span<const Tensor> x, Context& ctx) {
  const std::int64_t n = x.front().dim(1);
  Tensor out = ctx.host_empty({n, n}, DType::kF32);
  fill_zero(out);
  for (const Tensor& rows : x) add_gram(to_host(rows), out, ctx);
  return out;
}

void centre(const Tensor& gram, std::span<const double> sum, std::int64_t tokens) {
  for (std::int64_t i = 0; i < gram.dim(0); ++i) {
    float* const row = gram.data<float>() + i * gram.dim(1);
    const double mean = sum[static_cast<std::size_t>(i)] / static_cast<double>(tokens);
    for (std::int64_t j = 0; j < gram.dim(1); ++j) {
      row[j] = static_cast<float>(row[j] - mean * sum[static_cast<std::size_t>(j)]);
    }
  }
}

double influence(std::span<const Tensor> x, std::span<const Tensor> y) {
  double sum = 0;
  std::int64_t tokens = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Tensor from = to_host(x[i]), to = to_host(y[i]);
    for (std::int64_t t = 0; t < from.dim(0); ++t) {
      double xy = 0, xx = 0, yy = 0;
      for (std::int64_t c = 0; c < from.dim(1); ++c) {
        const double a = element(from, t, c), b = element(to, t, c);
        xy += a * b, xx += a * a, yy += b * b;
      }
      const double norms = std::sqrt(xx * yy);
      sum += norms > 0 ? xy / norms : 1.0;
    }
    tokens += from.dim(0);
  }
  return tokens > 0 ? 1.0 - sum / static_cast<double>(tokens) : 0.0;
}

}  // namespace pangu::compress
