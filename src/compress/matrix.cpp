// SPDX-License-Identifier: Apache-2.0
#include "compress/matrix.h"

#include <algorithm>

#include "ops/matmul.h"
#include "quant/pack_rows.h"

namespace pangu::compress {
namespace {

ops::HostFactor factor_of(const Tensor& x) {
  return {.data = x.raw(), .row_stride = x.stride(0), .dtype = x.dtype()};
}

/// c (+)= a b over an inner axis of k.
void multiply(const ops::HostFactor& a, const ops::HostFactor& b, std::int64_t k, const Tensor& c,
              bool accumulate, Context& ctx) {
  ops::host_matmul(a, b, c.data<float>(), c.stride(0), c.dim(0), c.dim(1), k, accumulate,
                   ctx.executor());
}

}  // namespace

Tensor matrix_of(std::span<const float> values, std::int64_t rows, Context& ctx) {
  Tensor out = ctx.host_empty({rows, std::ssize(values) / rows}, DType::kF32);
  std::ranges::copy(values, out.data<float>());
  return out;
}

PackedMatrix packed_matrix(std::span<const float> values, std::int64_t k, Context& ctx) {
  const WeightFormat format =
      ctx.dtype() == DType::kBF16 ? WeightFormat::kBF16 : WeightFormat::kF32;
  PackedMatrix out(ctx.packed_form(format), std::ssize(values) / k, k);
  pack_f32(out, values.data(), ctx.threads());
  return out;
}

Tensor times(const Tensor& a, const Tensor& b, Context& ctx) {
  Tensor c = ctx.host_empty({a.dim(0), b.dim(1)}, DType::kF32);
  multiply(factor_of(a), factor_of(b), a.dim(1), c, false, ctx);
  return c;
}

Tensor times_transposed(const Tensor& a, const Tensor& b, Context& ctx) {
  Tensor c = ctx.host_empty({a.dim(0), b.dim(0)}, DType::kF32);
  multiply(factor_of(a), factor_of(b).transposed(), a.dim(1), c, false, ctx);
  return c;
}

Tensor transposed_times(const Tensor& a, const Tensor& b, Context& ctx) {
  Tensor c = ctx.host_empty({a.dim(1), b.dim(1)}, DType::kF32);
  multiply(factor_of(a).transposed(), factor_of(b), a.dim(0), c, false, ctx);
  return c;
}

double row_dot(const Tensor& a, const Tensor& b, std::int64_t r) {
  const float* const x = a.data<float>() + r * a.stride(0);
  const float* const y = b.data<float>() + r * b.stride(0);
  double sum = 0;
  for (std::int64_t i = 0; i < a.dim(1); ++i) sum += double{x[i]} * y[i];
  return sum;
}

void add_gram(const Tensor& a, const Tensor& c, Context& ctx) {
  multiply(factor_of(a).transposed(), factor_of(a), a.dim(0), c, true, ctx);
}

}  // namespace pangu::compress
