// SPDX-License-Identifier: Apache-2.0
// How much every weight format changes the outputs of one linear layer, against figures of an
// independent program in double precision (whose scales are not rounded to 16 bits). Inputs are a
// low-rank signal with noise and two outlier channels, as activations of language models are.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "quant/encoded_rows.h"
#include "quant/stored_matrix.h"
#include "tests/support/linear_problem.h"

namespace pangu {
namespace {

using test::linear_problem::activations;
using test::linear_problem::kIn;
using test::linear_problem::kOut;
using test::linear_problem::make_problem;
using test::linear_problem::Matrix;
using test::linear_problem::norm_of_outputs;
using test::linear_problem::Problem;

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
