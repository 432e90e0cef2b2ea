// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/linear_input.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/grain.h"
#include "quant/code_panels.h"
#include "tensor/dtype.h"

namespace pangu::kernels {
namespace {

constexpr Variant<QuantizeRow> kQuantizeRow[] = {PANGU_VARIANTS(quantize_row)};

/// Kept between calls: fresh memory for every layer of every token would cost more than the work.
struct InputScratch {
  std::vector<float> f32, sums, scales;
  std::vector<bf16> half;
  std::vector<std::int8_t> codes;
  std::vector<std::int16_t> wide_codes;
  std::vector<std::int32_t> code_sums;
};

InputScratch& scratch() {
  thread_local InputScratch s;
  return s;
}

template <class T>
T* grown(std::vector<T>& v, int64_t n) {
  if (std::ssize(v) < n) v.resize(static_cast<std::size_t>(n));
  return v.data();
}

void load_row(const LinearArgs& a, int64_t row, float* out) {
  if (a.x_dtype == DType::kF32) {
    const float* x = static_cast<const float*>(a.x) + row * a.x_stride;
    std::copy(x, x + a.k, out);
  } else {
    const bf16* x = static_cast<const bf16*>(a.x) + row * a.x_stride;
    for (int64_t i = 0; i < a.k; ++i) out[i] = to_f32(x[i]);
  }
}

/// Four partial sums: the additions need not wait for one another, and any order will do as long as
/// it is always the same.
float sum_of(const float* x, int64_t n) {
  float part[4] = {};
  for (int64_t i = 0; i < n; ++i) part[i % 4] += x[i];
  return (part[0] + part[1]) + (part[2] + part[3]);
}

void sum_groups(const LinearArgs& a, int64_t row, int64_t group, int64_t groups, float* out) {
  thread_local std::vector<float> x;
  float* values = grown(x, groups * group);
  load_row(a, row, values);
  std::fill(values + a.k, values + groups * group, 0.0f);
  for (int64_t g = 0; g < groups; ++g) out[g] = sum_of(values + g * group, group);
}

/// One row as int8; returns the sum of its codes.
std::int32_t quantize(const LinearArgs& a, int64_t row, int64_t n, QuantizeRow* kernel,
                      InputScratch& s) {
  thread_local std::vector<float> buffer;
  const float* x = static_cast<const float*>(a.x) + row * a.x_stride;
  if (a.x_dtype != DType::kF32) {
    float* values = grown(buffer, a.k);
    load_row(a, row, values);
    x = values;
  }
  const auto r = static_cast<std::size_t>(row);
  std::int32_t sum = 0;
  s.scales[r] = kernel(x, a.k, n, s.codes.data() + row * n, sum);
  return sum;
}

/// Sums of each group, and every eight codes in the order of panel words.
void order_as_words(std::int8_t* codes, int64_t n, int64_t group, std::int32_t* sums) {
  for (int64_t g = 0; g < n / group; ++g) {
    std::int32_t sum = 0;
    for (int64_t i = g * group; i < (g + 1) * group; ++i) sum += codes[i];
    sums[g] = sum;
  }
  for (int64_t i = 0; i < n; i += 8) {
    const std::int8_t c[8] = {codes[i],     codes[i + 4], codes[i + 1], codes[i + 5],
                              codes[i + 2], codes[i + 6], codes[i + 3], codes[i + 7]};
    std::copy(c, c + 8, codes + i);
  }
}

}  // namespace

/// Elements from row to row. Many rows of whole cache lines are an odd number of these apart: a
/// power of two would let all of them fall into few sets of a cache.
int64_t row_stride(const LinearArgs& a, const LinearKernel& kernel, int64_t n, int64_t element) {
  if (!kernel.lines) return n;
  constexpr int64_t kLine = 64;
  const int64_t lines = (n * element + kLine - 1) / kLine;
  return (a.rows > 1 ? lines | 1 : lines) * kLine / element;
}

LinearInput prepare_input(const LinearArgs& a, const LinearKernel& kernel, const Executor& on) {
  LinearInput in{.x = a.x,
                 .stride = a.x_stride,
                 .sums = nullptr,
                 .sums_stride = 0,
                 .codes = nullptr,
                 .scales = nullptr,
                 .code_sums = nullptr};
  if (kernel.form == InputForm::kAsIs) return in;
  InputScratch& s = scratch();
  const int64_t group = format_info(a.format).group, n = padded_inputs(a.k, group);
  const bool as_words = kernel.form == InputForm::kInt8Words;
  const bool as_f32 = kernel.form == InputForm::kF32;
  const bool as_int16 = kernel.form == InputForm::kInt16;
  const bool as_int8 = kernel.form == InputForm::kInt8 || as_words || as_int16;
  const int64_t stride = row_stride(a, kernel, n, as_int8 ? 1 : as_f32 ? 4 : 2);
  const bool as_it_is = stride == a.k && !as_int8 && as_f32 == (a.x_dtype == DType::kF32);
  const int64_t groups = kernel.sums ? n / group : 0;
  if (groups > 0) in.sums = grown(s.sums, a.rows * groups), in.sums_stride = groups;
  if (as_int8) {
    in.x = grown(s.codes, a.rows * stride), in.stride = stride;
    in.sums_stride = as_words ? n / group : 1;
    in.scales = grown(s.scales, a.rows);
    in.code_sums = grown(s.code_sums, a.rows * in.sums_stride);
    if (as_int16) in.codes = s.codes.data(), in.x = grown(s.wide_codes, a.rows * stride);
  } else if (as_f32 && !as_it_is) {
    in.x = grown(s.f32, a.rows * stride), in.stride = stride;
  } else if (!as_it_is) {
    in.x = grown(s.half, a.rows * stride), in.stride = stride;
  }
  if (as_it_is && groups == 0) return in;
  QuantizeRow* const quantize_row = best_variant<QuantizeRow>(kQuantizeRow, on.isa);
  on.threads.parallel_for(a.rows, tokens_per_task(a.k), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      if (groups > 0) sum_groups(a, r, group, groups, s.sums.data() + r * groups);
      if (as_int8) {
        std::int32_t* const sums = s.code_sums.data() + r * in.sums_stride;
        std::int8_t* const codes = s.codes.data() + r * stride;
        *sums = quantize(a, r, stride, quantize_row, s);
        if (as_int16) std::copy_n(codes, stride, s.wide_codes.data() + r * stride);
        if (as_words) order_as_words(codes, n, group, sums);
      } else if (as_f32 && !as_it_is) {
        float* const to = s.f32.data() + r * stride;
        load_row(a, r, to);
        std::fill(to + a.k, to + stride, 0.0f);
      } else if (!as_it_is) {
        const bf16* x = static_cast<const bf16*>(a.x) + r * a.x_stride;
        bf16* const to = s.half.data() + r * stride;
        std::fill(std::copy(x, x + a.k, to), to + stride, bf16{});
      }
    }
  });
  return in;
}

std::span<const Variant<QuantizeRow>> quantize_row_variants() {
  return kQuantizeRow;
}

float quantize_row_ref(const float* x, int64_t k, int64_t n, std::int8_t* codes,
                       std::int32_t& sum) {
  float max = 0.0f;
  for (int64_t i = 0; i < k; ++i) max = std::max(max, std::fabs(x[i]));
  const bool zeros = max < kSmallestActivation;
  const float inverse = zeros ? 0.0f : 127.0f / max;
  sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    codes[i] = i < k ? static_cast<std::int8_t>(std::nearbyint(x[i] * inverse)) : std::int8_t{0};
    sum += codes[i];
  }
  return zeros ? 1.0f : max / 127.0f;
}

}  // namespace pangu::kernels
