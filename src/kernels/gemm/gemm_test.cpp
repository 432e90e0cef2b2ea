// SPDX-License-Identifier: Apache-2.0
// Matrix products of every instruction set against a sum in double, in every orientation.
#include "kernels/gemm/gemm.h"

#include "kernels/testing/kernel_testing.h"

namespace pangu::kernels {
namespace {

using testing::as_bf16;
using testing::as_f32;
using testing::Random;

/// An operand with `lines` by `k` elements, the inner axis contiguous or not.
struct Matrix {
  Matrix(Random& random, int64_t lines, int64_t k, bool along_k, bool is_bf16)
      : values(random.normals(lines * (k + 3) + k * (lines + 3))),
        line_stride(along_k ? k + 3 : 1),
        k_stride(along_k ? 1 : lines + 3),
        half(as_bf16(values)) {
    if (is_bf16) values = as_f32(half);
    dtype = is_bf16 ? DType::kBF16 : DType::kF32;
  }
  GemmOperand operand() const {
    return {dtype == DType::kBF16 ? static_cast<const void*>(half.data()) : values.data(), dtype,
            line_stride, k_stride};
  }
  float at(int64_t line, int64_t k, bool rounded) const {
    const float x = values[static_cast<std::size_t>(line * line_stride + k * k_stride)];
    return rounded ? to_f32(to_bf16(x)) : x;
  }

  std::vector<float> values;
  int64_t line_stride, k_stride;
  std::vector<bf16> half;
  DType dtype;
};

struct Case {
  int64_t m, n, k;
  bool a_along_k, b_along_k, accumulate;
  DType a_dtype, arithmetic;
};

void check(const Case& c, Isa isa, ThreadPool& pool, Random& random) {
  const Matrix a(random, c.m, c.k, c.a_along_k, c.a_dtype == DType::kBF16);
  const Matrix b(random, c.n, c.k, c.b_along_k, false);
  const int64_t stride = c.n + 5;
  const std::vector<float> before = random.normals(c.m * stride);
  std::vector<float> got = before;
  gemm({c.m, c.n, c.k, a.operand(), b.operand(), got.data(), stride, c.accumulate, c.arithmetic},
       {pool, isa});
  const bool rounded = c.arithmetic == DType::kBF16 && isa.has(Isa::kAvx512Bf16);
  for (int64_t i = 0; i < c.m; ++i) {
    for (int64_t j = 0; j < stride; ++j) {
      const auto at = static_cast<std::size_t>(i * stride + j);
      if (j >= c.n) {
        ASSERT_EQ(got[at], before[at]) << "written past the row";
        continue;
      }
      double sum = c.accumulate ? before[at] : 0.0, magnitude = std::abs(sum);
      for (int64_t k = 0; k < c.k; ++k) {
        const double product = double(a.at(i, k, rounded)) * b.at(j, k, rounded);
        sum += product;
        magnitude += std::abs(product);
      }
      ASSERT_NEAR(got[at], sum, testing::sum_bound(magnitude, c.k + 1))
          << name(isa) << " [" << c.m << ", " << c.n << ", " << c.k << "] at " << i << ", " << j;
    }
  }
}

TEST(Gemm, EveryIsaAndOrientationAgreesWithDouble) {
  Random random;
  ThreadPool pool(2);
  for (const Isa isa : supported_isas()) {
    for (const auto& [m, n, k] :
         {std::array<int64_t, 3>{1, 1, 1}, {6, 64, 2}, {7, 65, 3}, {13, 130, 33}, {250, 17, 70}}) {
      for (const bool a_along_k : {true, false}) {
        for (const bool b_along_k : {true, false}) {
          check({m, n, k, a_along_k, b_along_k, a_along_k, DType::kF32, DType::kF32}, isa, pool,
                random);
          check({m, n, k, a_along_k, b_along_k, b_along_k, DType::kBF16, DType::kBF16}, isa, pool,
                random);
        }
      }
    }
  }
}

TEST(Gemm, BlocksOfTheInnerAxisAndOfLinesJoin) {
  Random random;
  ThreadPool pool(2);
  check({5, 9, 1100, true, false, false, DType::kF32, DType::kF32}, detected_isa(), pool, random);
  check({5, 9, 1100, false, false, true, DType::kF32, DType::kBF16}, detected_isa(), pool, random);
  check({3, 3900, 5, true, false, false, DType::kF32, DType::kF32}, detected_isa(), pool, random);
  check({3900, 3, 5, false, true, true, DType::kF32, DType::kF32}, detected_isa(), pool, random);
}

TEST(Gemm, DoesNotDependOnTheThreads) {
  Random random;
  const Matrix a(random, 300, 600, false, false), b(random, 200, 600, false, false);
  std::vector<float> want(300 * 200), got(want.size());
  const auto run = [&](int threads, std::vector<float>& c) {
    ThreadPool pool(threads);
    gemm({300, 200, 600, a.operand(), b.operand(), c.data(), 200, false, DType::kF32},
         {pool, detected_isa()});
  };
  run(1, want);
  run(3, got);
  EXPECT_EQ(got, want);
}

TEST(Gemm, AnEmptySumIsZero) {
  ThreadPool pool(1);
  std::vector<float> c{1, 2, 3, 4};
  const GemmOperand none{nullptr, DType::kF32, 1, 1};
  gemm({2, 2, 0, none, none, c.data(), 2, true, DType::kF32}, {pool, Isa::kRef});
  EXPECT_EQ(c, (std::vector<float>{1, 2, 3, 4}));
  gemm({2, 2, 0, none, none, c.data(), 2, false, DType::kF32}, {pool, Isa::kRef});
  EXPECT_EQ(c, (std::vector<float>{0, 0, 0, 0}));
}

}  // namespace
}  // namespace pangu::kernels
