// SPDX-License-Identifier: Apache-2.0
// One linear layer with activations as language models have them: a low-rank signal with noise and
// two outlier channels. The same numbers on every machine; figures of an independent program in
// double precision exist for it.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "quant/blocks/test_rows.h"

namespace pangu::test::linear_problem {

inline constexpr std::size_t kTokens = 512, kRank = 32, kIn = 256, kOut = 64;

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
inline Matrix activations(const Matrix& signal, const Matrix& mixing, const Matrix& noise) {
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

inline Problem make_problem() {
  SplitMix rng(42);
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
inline double norm_of_outputs(const Matrix& inputs, const Matrix& weights) {
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

}  // namespace pangu::test::linear_problem
