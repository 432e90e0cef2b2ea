// SPDX-License-Identifier: Apache-2.0
// RMS norm, RoPE and SwiGLU of every instruction set against their references on odd sizes.
#include <cstring>

#include "kernels/rms_norm/rms_norm.h"
#include "kernels/rope/rope.h"
#include "kernels/silu_mul/silu_mul.h"
#include "kernels/testing/kernel_testing.h"

namespace pangu::kernels {
namespace {

using testing::Random;

constexpr int64_t kElementwiseSizes[] = {1, 2, 7, 8, 9, 15, 16, 17, 64, 100, 1536};

/// Runs `kernel(out)` for f32 and bf16 results on one ISA and on the reference, and compares.
template <class Run>
void compare(const Run& run, int64_t count, double tolerance) {
  for (const DType dtype : {DType::kF32, DType::kBF16}) {
    std::vector<std::byte> want(static_cast<std::size_t>(count + 1) * 4, std::byte{0x5A});
    run(Isa::kRef, dtype, want.data());
    for (const Isa isa : supported_isas()) {
      std::vector<std::byte> got(want.size(), std::byte{0x5A});
      run(isa, dtype, got.data());
      for (int64_t i = 0; i < count; ++i) {
        float a, b;
        if (dtype == DType::kBF16) {
          a = to_f32(reinterpret_cast<const bf16*>(got.data())[i]);
          b = to_f32(reinterpret_cast<const bf16*>(want.data())[i]);
        } else {
          a = reinterpret_cast<const float*>(got.data())[i];
          b = reinterpret_cast<const float*>(want.data())[i];
        }
        const double bound = dtype == DType::kBF16 ? 0x1p-7 : tolerance;
        ASSERT_NEAR(a, b, bound * (1e-3 + std::abs(b)))
            << name(isa) << " " << name(dtype) << " at " << i;
      }
      const std::size_t end = static_cast<std::size_t>(count) * size_bytes(dtype);
      EXPECT_EQ(got[end], std::byte{0x5A}) << "written past the end";
    }
  }
}

TEST(RmsNorm, EveryIsaAgreesWithTheReference) {
  Random random;
  ThreadPool pool(2);
  for (const int64_t n : kElementwiseSizes) {
    for (const auto& sizes : {std::pair<int64_t, int64_t>{1, 1}, {3, 1}, {5, 4}}) {
      const int64_t tokens = sizes.first, heads = sizes.second;
      const int64_t stride = heads * (n + 2) + 3;
      const auto x = random.normals(tokens * stride), w = random.normals(n);
      compare(
          [&](Isa isa, DType dtype, void* y) {
            rms_norm({x.data(), stride, n + 2, w.data(), 1e-5f, y, dtype, tokens, heads, n},
                     {pool, isa});
          },
          tokens * heads * n, 1e-5);
    }
  }
}

TEST(RmsNorm, HasUnitMeanSquare) {
  Random random;
  ThreadPool pool(1);
  const std::vector<float> x = random.normals(1000), w(1000, 1.0f);
  std::vector<float> y(1000);
  rms_norm({x.data(), 1000, 0, w.data(), 1e-12f, y.data(), DType::kF32, 1, 1, 1000},
           {pool, detected_isa()});
  double squares = 0;
  for (const float v : y) squares += double(v) * v;
  EXPECT_NEAR(squares / 1000, 1.0, 1e-5);
}

TEST(SiluMul, EveryIsaAgreesWithTheReference) {
  Random random;
  ThreadPool pool(2);
  for (const int64_t n : kElementwiseSizes) {
    auto gate_up = random.normals(3 * (2 * n + 1));
    for (float& v : gate_up) v *= 8.0f;
    gate_up[0] = -200.0f;  // e^200 overflows: the result must be 0, not NaN
    compare(
        [&](Isa isa, DType dtype, void* y) {
          silu_mul({gate_up.data(), 2 * n + 1, y, dtype, 3, n}, {pool, isa});
        },
        3 * n, 2e-6);
  }
}

TEST(SiluMul, PassesNanOn) {
  ThreadPool pool(1);
  for (const Isa isa : supported_isas()) {
    const std::vector<float> gate_up{std::nanf(""), 1.0f, 1.0f, 1.0f};
    std::vector<float> y(2);
    silu_mul({gate_up.data(), 4, y.data(), DType::kF32, 1, 2}, {pool, isa});
    EXPECT_TRUE(std::isnan(y[0])) << name(isa);
    EXPECT_NEAR(y[1], 0.7310586f, 1e-6f) << name(isa);
  }
}

TEST(Rope, EveryIsaAgreesWithTheReference) {
  Random random;
  ThreadPool pool(2);
  for (const int64_t half : {1, 4, 9, 16, 32, 64}) {
    const int64_t tokens = 5, heads = 3, dim = 2 * half, stride = heads * dim + 4;
    const auto x = random.normals(tokens * stride);
    const auto cos = random.normals(tokens * half), sin = random.normals(tokens * half);
    std::vector<float> want(static_cast<std::size_t>(tokens * heads * dim));
    const auto run = [&](Isa isa, float* y) {
      rope({x.data(), stride, dim, cos.data(), sin.data(), y, heads * dim, dim, tokens, heads, dim},
           {pool, isa});
    };
    run(Isa::kRef, want.data());
    for (const Isa isa : supported_isas()) {
      std::vector<float> got(want.size());
      run(isa, got.data());
      for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], want[i], 2e-6f) << name(isa);
    }
  }
}

TEST(Rope, KeepsTheLengthOfEveryPair) {
  Random random;
  ThreadPool pool(1);
  const auto x = random.normals(128);
  std::vector<float> cos, sin, y(128);
  for (int i = 0; i < 64; ++i) cos.push_back(std::cos(0.3f * i)), sin.push_back(std::sin(0.3f * i));
  rope({x.data(), 128, 128, cos.data(), sin.data(), y.data(), 128, 128, 1, 1, 128},
       {pool, detected_isa()});
  for (std::size_t i = 0; i < 64; ++i) {
    EXPECT_NEAR(std::hypot(y[i], y[i + 64]), std::hypot(x[i], x[i + 64]), 1e-5);
  }
}

}  // namespace
}  // namespace pangu::kernels
