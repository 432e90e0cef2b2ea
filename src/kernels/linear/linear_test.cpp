// SPDX-License-Identifier: Apache-2.0
// Both sides read the same packed bytes, and for w8a8 the same int8 activations: the budget is the
// rounding of the sums alone.
#include "kernels/linear/linear.h"

#include <array>
#include <cstring>

#include "kernels/linear/linear_input.h"
#include "kernels/testing/kernel_testing.h"
#include "quant/encoded_rows.h"
#include "quant/w4_panel.h"
#include "quant/w8.h"

namespace pangu::kernels {
namespace {

using testing::as_bf16;
using testing::as_f32;
using testing::Random;

/// Inputs of one product, with the rows of x and y further apart than they need to be.
struct Problem {
  WeightFormat format;
  DType x_dtype;
  int64_t rows, n, k;
  std::vector<std::byte> weight;
  std::vector<float> w, x, bias, residual;
  std::vector<bf16> x_half;

  /// `inner` is rounded up to whole blocks of the format.
  Problem(WeightFormat f, DType xd, int64_t r, int64_t n_out, int64_t inner, Random& random)
      : format(f), x_dtype(xd), rows(r), n(n_out) {
    const int64_t block = format_info(f).block;
    k = (inner + block - 1) / block * block;
    w = random.normals(n * k);
    const FormatInfo& info = format_info(f);
    const int64_t panels = (n + kPanelRows - 1) / kPanelRows;
    const std::size_t panel_bytes = info.cpu.panel_bytes(k);
    weight.resize(static_cast<std::size_t>(panels) * panel_bytes);
    EncodedRows encoded(f, n, k);
    std::vector<StoredRow> rows_of_panel;
    for (int64_t o = 0; o < n; ++o) {
      encoded.encode(o, w.data() + o * k);
      info.decode(encoded.row(o), k, w.data() + o * k);
      rows_of_panel.push_back(encoded.row(o));
      if (std::ssize(rows_of_panel) < kPanelRows && o + 1 < n) continue;
      info.cpu.pack(rows_of_panel, k,
                    weight.data() + static_cast<std::size_t>(o / kPanelRows) * panel_bytes);
      rows_of_panel.clear();
    }
    x = random.normals(rows * x_stride());
    x_half = as_bf16(x);
    if (x_dtype == DType::kBF16) x = as_f32(x_half);
    bias = random.normals(n);
    residual = random.normals(rows * n);
  }

  /// Sum of the magnitudes of the terms of each output.
  std::vector<double> magnitudes() const {
    std::vector<double> out;
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t o = 0; o < n; ++o) out.push_back(magnitude(row, o));
    }
    return out;
  }

  double magnitude(int64_t row, int64_t o) const {
    double sum = std::abs(bias[size_t(o)]) + std::abs(residual[size_t(row * n + o)]);
    double largest = 0.0, all_x = 0.0;
    for (int64_t i = 0; i < k; ++i) {
      const double xi = std::abs(double(x[size_t(row * x_stride() + i)]));
      const double wi = std::abs(double(w[size_t(o * k + i)]));
      sum += xi * wi, all_x += xi, largest = std::max(largest, wi);
    }
    // Zero points and minima are summed apart from the codes: terms that cancel count too.
    return format_info(format).group > 0 ? sum + 2 * largest * all_x : sum;
  }

  int64_t x_stride() const { return k + 3; }
  int64_t y_stride() const { return n + 5; }

  /// Rows [first, first + count), split into panels one by one; y is checked for stray writes.
  std::vector<float> run(Isa isa, int64_t first, int64_t count, bool extras = true) const {
    std::vector<float> y(static_cast<std::size_t>(count * y_stride()), 777.0f);
    const void* in = x_dtype == DType::kBF16
                         ? static_cast<const void*>(x_half.data() + first * x_stride())
                         : static_cast<const void*>(x.data() + first * x_stride());
    const LinearArgs args{.weight = weight.data(),
                          .panel_bytes = format_info(format).cpu.panel_bytes(k),
                          .format = format,
                          .n_out = n,
                          .k = k,
                          .x = in,
                          .x_dtype = x_dtype,
                          .x_stride = x_stride(),
                          .rows = count,
                          .bias = extras ? bias.data() : nullptr,
                          .residual = extras ? residual.data() + first * n : nullptr,
                          .residual_stride = n,
                          .y = y.data(),
                          .y_stride = y_stride()};
    ThreadPool pool(2);
    linear(args, {pool, isa});
    std::vector<float> out;
    for (int64_t r = 0; r < count; ++r) {
      const float* row = y.data() + r * y_stride();
      out.insert(out.end(), row, row + n);
      for (int64_t o = n; o < y_stride(); ++o) EXPECT_EQ(row[o], 777.0f) << "written past the row";
    }
    return out;
  }
};

/// Every format with both types of activations.
template <class Body>
void for_every_format(Body&& body) {
  for (const FormatInfo& format : weight_formats()) {
    for (const DType x : {DType::kF32, DType::kBF16}) {
      SCOPED_TRACE(std::string(format.name) + " times " + std::string(name(x)));
      body(format, x);
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(Linear, EveryIsaAgreesWithTheReferenceOnOddSizes) {
  Random random;
  for_every_format([&](const FormatInfo& format, DType x) {
    for (const auto& [rows, n, k] : {std::tuple{1, 1, 1},
                                     {1, 64, 32},
                                     {2, 65, 33},
                                     {3, 80, 300},
                                     {4, 8, 1},
                                     {5, 16, 7},
                                     {6, 63, 64},
                                     {7, 130, 65},
                                     {13, 192, 172},
                                     {17, 70, 2100},
                                     {1, 200, 2049}}) {
      if (test::takes_fewer() && rows * n * k > 1'000'000) continue;
      Problem p(format.format, x, rows, n, k, random);
      const auto want = p.run(Isa::kRef, 0, rows);
      const auto magnitudes = p.magnitudes();
      for (const Isa isa : supported_isas()) {
        const auto got = p.run(isa, 0, rows);
        for (std::size_t i = 0; i < want.size(); ++i) {
          ASSERT_NEAR(got[i], want[i], testing::sum_bound(magnitudes[i], p.k))
              << name(isa) << " rows " << rows << " n " << n << " k " << p.k << " at " << i;
        }
        // The test must be able to fail: one weight changed in sign shows.
        p.weight[1] ^= std::byte{0x80}, p.weight[3] ^= std::byte{0x80};
        EXPECT_NE(p.run(isa, 0, rows), got);
        p.weight[1] ^= std::byte{0x80}, p.weight[3] ^= std::byte{0x80};
      }
    }
  });
}

TEST(Linear, ARowIsTheSameInAnyCompany) {
  Random random;
  for_every_format([&](const FormatInfo& format, DType x) {
    // Long enough that many rows are computed in several blocks of inputs.
    for (const int64_t k : {33, format.is_float ? 9001 : 2500}) {
      const Problem p(format.format, x, 23, 70, k, random);
      for (const Isa isa : supported_isas()) {
        if (isa == Isa::kRef && k > 33) continue;  // a row at a time as it is
        const auto all = p.run(isa, 0, 23);
        for (const auto& [first, count] : {std::pair{0, 1}, {22, 1}, {3, 2}, {7, 8}, {10, 13}}) {
          const auto part = p.run(isa, first, count);
          ASSERT_EQ(std::memcmp(part.data(), all.data() + first * p.n, part.size() * 4), 0)
              << name(isa) << " rows " << first << "+" << count;
        }
      }
    }
  });
}

// Processors that multiply bf16 take subnormal numbers for zeros, and those that multiply int8 do
// not: so must whatever stands in for them where there are few rows.
class SmallestNumbers : public ::testing::TestWithParam<float> {};
INSTANTIATE_TEST_SUITE_P(Linear, SmallestNumbers, ::testing::Values(0x1p-127f, 0x1p-116f));

TEST_P(SmallestNumbers, ARowIsTheSameInAnyCompany) {
  Random random;
  for (const FormatInfo& format : weight_formats()) {
    Problem p(format.format, DType::kBF16, 20, 70, 290, random);
    for (float& x : p.x) x *= GetParam();
    p.x_half = as_bf16(p.x);
    for (const Isa isa : supported_isas()) {
      for (const bool extras : {false, true}) {
        const auto all = p.run(isa, 0, 20, extras);
        for (const int64_t r : {0, 7, 19}) {
          const auto alone = p.run(isa, r, 1, extras);
          ASSERT_EQ(std::memcmp(alone.data(), all.data() + r * p.n, alone.size() * 4), 0)
              << name(isa) << " " << format.name << " row " << r;
        }
      }
    }
  }
}

TEST(Linear, ARowTooSmallForAScaleCountsAsZeros) {
  const std::vector<float> x(64, 0x1p-126f);
  for (const auto& [isa, quantize] : quantize_row_variants()) {
    if (!detected_isa().has(isa)) continue;
    std::vector<std::int8_t> codes(64, 1);
    std::int32_t sum = 1;
    EXPECT_EQ(quantize(x.data(), 64, 64, codes.data(), sum), 1.0f) << name(isa);
    EXPECT_EQ(sum, 0) << name(isa);
    EXPECT_EQ(codes, std::vector<std::int8_t>(64, 0)) << name(isa);
  }
}

TEST(Linear, ARowAmongSixHundredIsTheSameAsAlone) {
  Random random;
  for (const FormatInfo& format : weight_formats()) {
    const Problem p(format.format, DType::kBF16, 600, 65, 290, random);
    for (const Isa isa : supported_isas()) {
      if (isa == Isa::kRef) continue;  // a row at a time as it is
      for (const int64_t rows : {600, 599, 64, 17, 9}) {
        if (test::takes_fewer() && rows != 599 && rows != 17) continue;
        const auto all = p.run(isa, 600 - rows, rows);
        for (const int64_t r : {int64_t{0}, random.below(rows), rows - 1}) {
          const auto alone = p.run(isa, 600 - rows + r, 1);
          ASSERT_EQ(std::memcmp(alone.data(), all.data() + r * p.n, alone.size() * 4), 0)
              << name(isa) << " " << format.name << " row " << r << " of " << rows;
        }
      }
    }
  }
}

/// Weights of code -128, 127 and -127 (or -8 and 7) in turns of outputs, activations of 127, -127
/// or both in turns of rows.
struct Limits {
  static constexpr int64_t kN = 64, kK = 1152;  // several strips and blocks of inputs
  explicit Limits(WeightFormat f) : format(f) {
    weight.resize(format_info(f).cpu.panel_bytes(kK));
    const bool bytes = f == WeightFormat::kW8A8;
    for (int64_t o = 0; o < kN; ++o) {
      code.push_back(bytes ? std::array{-128, 127, -127}[size_t(o % 3)] : o % 2 ? 7 : -8);
    }
    if (bytes) {
      for (int64_t o = 0; o < kN; ++o) store_unaligned(weight.data(), o, 0.5f);
      for (int64_t i = 0; i < kK * kN; ++i) {
        weight[size_t(kW8HeaderBytes + i)] = std::byte(code[size_t(i / 4 % kN)] + kW8A8Offset);
      }
    } else {
      const std::vector<std::uint8_t> high(64, 15), low(64, 0);
      for (int64_t g = 0; g < kK / 64; ++g) {
        for (int64_t o = 0; o < kN; ++o) {
          W4Panel<64, false>::put_group(o % 2 ? high.data() : low.data(), 0x3800, 0, g, o,
                                        weight.data());
        }
      }
    }
  }
  static float x(int64_t row, int64_t i) {
    return row % 3 == 0 ? 1.0f : row % 3 == 1 ? -1.0f : i % 2 ? 1.0f : -1.0f;
  }
  std::vector<float> run(Isa isa, int64_t rows) const {
    std::vector<float> in, y(static_cast<std::size_t>(rows * kN));
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t i = 0; i < kK; ++i) in.push_back(x(r, i));
    }
    ThreadPool pool(1);
    linear({.weight = weight.data(),
            .panel_bytes = weight.size(),
            .format = format,
            .n_out = kN,
            .k = kK,
            .x = in.data(),
            .x_dtype = DType::kF32,
            .x_stride = kK,
            .rows = rows,
            .bias = nullptr,
            .residual = nullptr,
            .residual_stride = 0,
            .y = y.data(),
            .y_stride = kN},
           {pool, isa});
    return y;
  }
  WeightFormat format;
  std::vector<std::byte> weight;
  std::vector<int> code;
};

TEST(Linear, ProductsOfTheLargestCodesDoNotOverflow) {
  for (const WeightFormat format : {WeightFormat::kW8A8, WeightFormat::kW4A8G64}) {
    const Limits limits(format);
    for (const Isa isa : supported_isas()) {
      for (const int64_t rows : {1, 2, 3, 4, 5, 6, 8, 12, 16, 20}) {
        const auto y = limits.run(isa, rows);
        // The reference sums in f32, which rounds.
        const float tolerance = isa == Isa::kRef ? 1e-5f : 1e-6f;
        for (int64_t r = 0; r < rows; ++r) {
          float x_sum = 0.0f;  // of codes over 127: whole numbers, exact
          for (int64_t i = 0; i < Limits::kK; ++i) x_sum += Limits::x(r, i);
          for (int64_t o = 0; o < Limits::kN; ++o) {
            const float exact = 0.5f * float(limits.code[size_t(o)]) * x_sum;
            ASSERT_NEAR(y[size_t(r * Limits::kN + o)], exact, tolerance * std::abs(exact))
                << name(isa) << " " << format_info(format).name << " row " << r << " of " << rows
                << " output " << o;
          }
        }
      }
    }
  }
}

TEST(Linear, BiasAndResidualAreOptional) {
  Random random;
  for (const Isa isa : supported_isas()) {
    const Problem p(WeightFormat::kF32, DType::kF32, 3, 70, 40, random);
    const auto with = p.run(isa, 0, 3), without = p.run(isa, 0, 3, false);
    for (std::size_t i = 0; i < with.size(); ++i) {
      EXPECT_FLOAT_EQ(with[i], without[i] + p.bias[i % 70] + p.residual[i]);
    }
  }
}

TEST(Linear, ActivationsAreQuantizedAlikeByEveryIsa) {
  Random random;
  for (const auto& [k, n] : {std::pair{1, 32}, {31, 32}, {33, 64}, {200, 224}}) {
    std::vector<float> x = random.normals(k);
    x[0] = 40.0f;
    std::vector<std::int8_t> want(static_cast<std::size_t>(n)), got(want);
    std::int32_t want_sum = 0, got_sum = 0;
    const float scale = quantize_row_ref(x.data(), k, n, want.data(), want_sum);
    EXPECT_EQ(want[0], 127);
    for (int64_t i = 0; i < n; ++i) {
      EXPECT_NEAR(scale * float(want[size_t(i)]), i < k ? x[size_t(i)] : 0.0f, 0.501f * scale);
    }
    for (const auto& [isa, fn] : quantize_row_variants()) {
      if (!detected_isa().has(isa)) continue;
      EXPECT_EQ(fn(x.data(), k, n, got.data(), got_sum), scale);
      EXPECT_EQ(got, want) << name(isa);
      EXPECT_EQ(got_sum, want_sum) << name(isa);
    }
  }
  const float zeros[3] = {};
  std::vector<std::int8_t> codes(32, 1);
  std::int32_t sum = 7;
  EXPECT_EQ(quantize_row_ref(zeros, 3, 32, codes.data(), sum), 1.0f) << "a row of zeros";
  EXPECT_EQ(sum, 0);
}

}  // namespace
}  // namespace pangu::kernels
