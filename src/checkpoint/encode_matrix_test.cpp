// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/encode_matrix.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "tests/support/support.h"

namespace pangu {
namespace {

/// f32 rows that overlap: row i starts `step` elements after row i - 1.
StoredMatrix overlapping(const std::vector<float>& values, int64_t rows, int64_t k, int64_t step) {
  return {.format = WeightFormat::kF32,
          .rows = rows,
          .k = k,
          .data = {reinterpret_cast<const std::byte*>(values.data()),
                   static_cast<std::size_t>(step) * sizeof(float)},
          .scales = {},
          .zeros = {}};
}

std::vector<float> random_values(int64_t n) {
  std::mt19937_64 rng(test::seed());
  std::normal_distribution<float> normal;
  std::vector<float> out(static_cast<std::size_t>(n));
  for (float& x : out) x = normal(rng);
  return out;
}

TEST(RoundToNearest, ReportsTheErrorOfWhatItHandsOver) {
  constexpr int64_t kRows = 37, kK = 61;
  std::vector<float> values = random_values(kRows * kK);
  values[5 * kK + 3] = 300;  // the other weights of row 5 get coarse steps
  std::fill_n(values.begin() + 7 * kK, kK, 0.0f);
  const StoredMatrix from = overlapping(values, kRows, kK, kK);
  ThreadPool threads(2);
  double difference2 = 0, norm2 = 0, worst = 0;
  int64_t worst_row = -1, next = 0;
  const auto error = round_to_nearest(from, "w", WeightFormat::kW8A16, threads,
                                      [&](const EncodedRows& rows, int64_t n) {
                                        for (int64_t i = 0; i < n; ++i, ++next) {
                                          std::vector<float> after(kK);
                                          decode_row(rows.row(i), kK, after.data());
                                          double d2 = 0, n2 = 0;
                                          for (int64_t j = 0; j < kK; ++j) {
                                            const double w = values[size_t(next * kK + j)];
                                            d2 += std::pow(after[size_t(j)] - w, 2);
                                            n2 += w * w;
                                          }
                                          difference2 += d2, norm2 += n2;
                                          if (n2 > 0 && std::sqrt(d2 / n2) > worst) {
                                            worst = std::sqrt(d2 / n2);
                                            worst_row = next;
                                          }
                                        }
                                      });
  EXPECT_EQ(next, kRows);
  EXPECT_NEAR(error.relative(), std::sqrt(difference2 / norm2), 1e-12);
  EXPECT_NEAR(error.worst_row_error, worst, 1e-12);
  EXPECT_EQ(error.worst_row, worst_row);
  EXPECT_GT(error.relative(), 0.001);
}

TEST(RoundToNearest, LargeMatricesComeInPiecesAndThreadsChangeNothing) {
  constexpr int64_t kRows = 11, kK = int64_t{1} << 20;
  const std::vector<float> values = random_values(kK + kRows * 1000);
  const StoredMatrix from = overlapping(values, kRows, kK, 1000);
  EncodedRows want(WeightFormat::kW8A16, kRows, kK);
  for (int64_t i = 0; i < kRows; ++i) want.encode(i, from.row(i));
  std::vector<double> errors;
  for (const int n_threads : {1, 3}) {
    ThreadPool threads(n_threads);
    int pieces = 0;
    std::vector<std::byte> codes, scales;
    const auto error = round_to_nearest(
        from, "w", WeightFormat::kW8A16, threads, [&](const EncodedRows& rows, int64_t) {
          ++pieces;
          codes.insert(codes.end(), rows.part(0).begin(), rows.part(0).end());
          scales.insert(scales.end(), rows.part(1).begin(), rows.part(1).end());
        });
    EXPECT_GT(pieces, 1);
    EXPECT_TRUE(std::ranges::equal(codes, want.part(0)));
    EXPECT_TRUE(std::ranges::equal(scales, want.part(1)));
    errors.push_back(error.relative());
  }
  EXPECT_EQ(errors[0], errors[1]);
}

TEST(RoundToNearest, WeightsThatAreNoNumbersAreNamed) {
  ThreadPool threads(2);
  const auto encode = [&](float bad, WeightFormat to) {
    std::vector<float> values(20 * 32, 0.5f);
    values[13 * 32 + 31] = bad;
    round_to_nearest(overlapping(values, 20, 32, 32), "model.w", to, threads,
                     [](const EncodedRows&, int64_t) {});
  };
  for (const FormatInfo& format : weight_formats()) {
    if (format.block > 32) continue;
    for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
      PANGU_EXPECT_ERROR(encode(bad, format.format), InputError, "model.w", "row 13",
                         "not a number");
    }
  }
  PANGU_EXPECT_ERROR(encode(70000.0f, WeightFormat::kF16), InputError, "model.w", "row 13",
                     "too large for f16");
  EXPECT_NO_THROW(encode(70000.0f, WeightFormat::kW8A16));
}

}  // namespace
}  // namespace pangu
