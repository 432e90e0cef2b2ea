// SPDX-License-Identifier: Apache-2.0
// How much every weight format changes the outputs of one linear layer, against figures of an
// independent program in double precision (whose scales are not rounded to 16 bits). Inputs are a
// low-rank signal with noise and two outlier channels, as activations of language models are.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "quant/blocks/test_rows.h"
#include "quant/encoded_rows.h"
#include "quant/stored_matrix.h"

namespace pangu {
namespace {

constexpr std::size_t kTokens = 512, kRank = 32, kIn = 256, kOut = 64;

struct Matrix {
  std::size_t rows, columns;
  std::vector<double> values = std::vector<double>(rows * columns);

  double& at(std::size_t r, std::size_t c) { return values[r * columns + c]; }
  double at(std::size_t r, std::size_t c) const { return values[r * columns + c]; }
};

template <class Draw>
Matrix drawn(std::size_t rows, std::size_t columns, Draw&& draw) {
  Matrix m{rows, columns};
  for (double& x : m.values) x = draw();
  return m;
}

/// Activations [kTokens, kIn]: signal * mixing / sqrt(rank) + 0.3 * noise, with two large channels.
Matrix activations(const Matrix& signal, const Matrix& mixing, const Matrix& noise) {
  Matrix x{kTokens, kIn};
  for (std::size_t t = 0; t < kTokens; ++t) {
    for (std::size_t c = 0; c < kIn; ++c) {
      double sum = 0;
      for (std::size_t r = 0; r < kRank; ++r) sum += signal.at(t, r) * mixing.at(r, c);
      x.at(t, c) = sum / std::sqrt(static_cast<double>(kRank)) + 0.3 * noise.at(t, c);
    }
    for (const std::size_t channel : {7, 100}) x.at(t, channel) *= 20;
  }
  return x;
}

struct Problem {
  Matrix weights{kOut, kIn}, calibration{kTokens, kIn}, inputs{kTokens, kIn};
};

Problem make_problem() {
  test::SplitMix rng(42);
  const auto uniform = [&] { return rng.uniform(); };
  const auto weight = [&] {
    const double first = rng.uniform();
    return 0.1 * first * rng.uniform();
  };
  const Matrix signal = drawn(kTokens, kRank, uniform), mixing = drawn(kRank, kIn, uniform),
               noise = drawn(kTokens, kIn, uniform);
  Problem p;
  p.weights = drawn(kOut, kIn, weight);
  const Matrix signal2 = drawn(kTokens, kRank, uniform), noise2 = drawn(kTokens, kIn, uniform);
  p.calibration = activations(signal, mixing, noise);
  p.inputs = activations(signal2, mixing, noise2);
  return p;
}

/// Frobenius norm of inputs * weights^T.
double norm_of_outputs(const Matrix& inputs, const Matrix& weights) {
  double sum = 0;
  for (std::size_t t = 0; t < kTokens; ++t) {
    for (std::size_t o = 0; o < kOut; ++o) {
      double y = 0;
      for (std::size_t i = 0; i < kIn; ++i) y += inputs.at(t, i) * weights.at(o, i);
      sum += y * y;
    }
  }
  return std::sqrt(sum);
}

/// What storing the weights in `format` adds to them.
Matrix rounding_of(const Matrix& weights, WeightFormat format) {
  EncodedRows stored(format, kOut, kIn);
  Matrix difference{kOut, kIn};
  for (std::size_t o = 0; o < kOut; ++o) {
    std::vector<float> row(kIn), got(kIn);
    for (std::size_t i = 0; i < kIn; ++i) row[i] = static_cast<float>(weights.at(o, i));
    stored.encode(static_cast<int64_t>(o), row.data());
    decode_row(stored.row(static_cast<int64_t>(o)), kIn, got.data());
    for (std::size_t i = 0; i < kIn; ++i) difference.at(o, i) = got[i] - weights.at(o, i);
  }
  return difference;
}

TEST(Acceptance, TheProblemIsTheOneTheFiguresAreOf) {
  const Problem p = make_problem();
  EXPECT_NEAR(p.calibration.at(0, 0), 0.560807, 1e-6);
  EXPECT_NEAR(p.calibration.at(0, 7), 4.388888, 1e-6);
  EXPECT_NEAR(p.weights.at(0, 0), 0.08318868, 1e-8);
  EXPECT_NEAR(p.weights.at(0, 1), 0.00513091, 1e-8);
  const auto [low, high] =
      std::minmax_element(p.calibration.values.begin(), p.calibration.values.end());
  EXPECT_NEAR(std::max(-*low, *high), 23.6553, 1e-4);
  EXPECT_NEAR(norm_of_outputs(p.inputs, p.weights), 71.4130, 1e-4);
}

TEST(Acceptance, FormatsChangeTheOutputsAsMuchAsTheirGridsMust) {
  const struct {
    WeightFormat format;
    double error;
  } figures[] = {
      {WeightFormat::kW8A16, 0.00655},       {WeightFormat::kW8A8, 0.00655},
      {WeightFormat::kQ8_0, 0.00543},        {WeightFormat::kW4A16G128Asym, 0.0989},
      {WeightFormat::kW4A16G64Asym, 0.0889}, {WeightFormat::kW4A16G32Asym, 0.0799},
      {WeightFormat::kW4A16G64, 0.1064},     {WeightFormat::kQ4_0, 0.0843},
      {WeightFormat::kQ4_0_64, 0.0910},      {WeightFormat::kW4A8G64, 0.1064},
  };
  const Problem p = make_problem();
  const double norm = norm_of_outputs(p.inputs, p.weights);
  for (const auto& [format, want] : figures) {
    const double error = norm_of_outputs(p.inputs, rounding_of(p.weights, format)) / norm;
    EXPECT_NEAR(error, want, 1e-4) << name(format);
  }
}

}  // namespace
}  // namespace pangu
