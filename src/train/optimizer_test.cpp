// SPDX-License-Identifier: Apache-2.0
// AdamW against PyTorch and against the formula in double; Muon against the same; clipping; any
// number of threads.
#include "train/optimizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <utility>

#include "base/cpu.h"
#include "io/checkpoint.h"
#include "tests/support/support.h"
#include "train/gradients.h"

namespace pangu {
namespace {

std::vector<float> floats(const TensorView& t) {
  std::vector<float> out(static_cast<std::size_t>(element_count(t)));
  if (t.dtype == DType::kF32) {
    std::memcpy(out.data(), t.data.data(), t.data.size());
    return out;
  }
  EXPECT_EQ(t.dtype, DType::kBF16);
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, t.data.data() + 2 * i, 2);
    const std::uint32_t bits = std::uint32_t{half} << 16;
    std::memcpy(&out[i], &bits, 4);
  }
  return out;
}

TEST(AdamW, OneStepOfATinyModelAsInPyTorch) {
  PANGU_NEEDS_SHARED_DATA();
  const SafetensorsFile golden(test::shared_dir() / "golden/pangu-embedded-tiny-grad.safetensors");
  const Checkpoint start = Checkpoint::open(test::shared_dir() / "models/pangu-embedded-tiny");
  ThreadPool threads(2);
  int compared = 0;
  for (const auto& [name, tensor] : start.tensors()) {
    const TensorView* gradient = golden.find("ce_grad." + std::string(name));
    const TensorView* expected = golden.find("adamw." + std::string(name));
    if (!gradient || !expected) continue;
    SCOPED_TRACE(name);
    std::vector<float> w = floats(*tensor), g = floats(*gradient);
    Parameter p{.name = std::string(name), .shape = {}, .value = w, .grad = g, .decay = true};
    Optimizer adamw({&p, 1}, {});
    adamw.update(1, 1e-3, 1, {threads, default_isa()});
    const std::vector<float> want = floats(*expected);
    double difference = 0, norm = 0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      difference += std::pow(double{w[i]} - want[i], 2);
      norm += std::pow(want[i], 2);
    }
    EXPECT_LE(std::sqrt(difference), 1e-4 * std::sqrt(norm));
    ++compared;
  }
  EXPECT_EQ(compared, 4);
}

struct Weights {
  std::vector<float> value, grad;
};

Weights random_weights(std::size_t n) {
  std::mt19937 engine(static_cast<std::mt19937::result_type>(test::seed()));
  std::normal_distribution<float> normal;
  Weights w{std::vector<float>(n), std::vector<float>(n)};
  for (float& x : w.value) x = normal(engine);
  for (float& x : w.grad) x = normal(engine);
  return w;
}

TEST(AdamW, ManyStepsFollowTheFormula) {
  const OptimizerOptions o{.adamw = {.beta1 = 0.8, .beta2 = 0.9, .eps = 1e-3}, .weight_decay = 0.5};
  for (const bool decay : {true, false}) {
    Weights w = random_weights(37);
    Parameter p{.name = "w", .shape = {37}, .value = w.value, .grad = w.grad, .decay = decay};
    Optimizer adamw({&p, 1}, o);
    ThreadPool threads(1);
    std::vector<double> x(w.value.begin(), w.value.end()), m(37), v(37);
    for (int t = 1; t <= 5; ++t) {
      adamw.update(t, 0.01, 0.5, {threads, default_isa()});
      for (std::size_t i = 0; i < 37; ++i) {
        const double g = 0.5 * w.grad[i];
        m[i] = 0.8 * m[i] + 0.2 * g;
        v[i] = 0.9 * v[i] + 0.1 * g * g;
        if (decay) x[i] -= 0.01 * 0.5 * x[i];
        x[i] -= 0.01 * (m[i] / (1 - std::pow(0.8, t))) /
                (std::sqrt(v[i] / (1 - std::pow(0.9, t))) + 1e-3);
      }
    }
    // Five steps with a handful of roundings each.
    for (std::size_t i = 0; i < 37; ++i) {
      EXPECT_NEAR(w.value[i], x[i], 50 * std::numeric_limits<float>::epsilon());
    }
  }
}

class EveryKind : public testing::TestWithParam<OptimizerOptions::Kind> {};

TEST_P(EveryKind, ThreadsDoNotChangeABit) {
  const auto trained = [](int n_threads) {
    constexpr int64_t kRows = test::kSanitized ? 101 : 301;
    Weights w = random_weights(kRows * 333);
    Parameter p{.name = "w",
                .shape = {kRows, 333},
                .value = w.value,
                .grad = w.grad,
                .is_hidden_matrix = true};
    ThreadPool threads(n_threads);
    Optimizer optimizer({&p, 1}, {.kind = GetParam()});
    const double norm = gradient_norm({&p, 1}, threads);
    for (int t = 1; t <= 3; ++t) {
      optimizer.update(t, 1e-2, clip_scale(norm, 1), {threads, default_isa()});
    }
    return w.value;
  };
  EXPECT_TRUE(trained(1) == trained(3));
}

INSTANTIATE_TEST_SUITE_P(Optimizer, EveryKind,
                         testing::Values(OptimizerOptions::Kind::kAdamW,
                                         OptimizerOptions::Kind::kMuon));

using Doubles = std::vector<double>;

/// Five Newton-Schulz steps in double, on an [n, width] matrix as it stands.
Doubles orthogonal(Doubles x, std::size_t n, std::size_t width) {
  double norm = 0;
  for (const double v : x) norm += v * v;
  for (double& v : x) v /= std::sqrt(norm);
  for (int i = 0; i < 5; ++i) {
    Doubles gram(n * n), polynomial(n * n), next(x.size());
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c < n; ++c)
        for (std::size_t k = 0; k < width; ++k)
          gram[r * n + c] += x[r * width + k] * x[c * width + k];
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c < n; ++c) {
        double square = 0;
        for (std::size_t k = 0; k < n; ++k) square += gram[r * n + k] * gram[k * n + c];
        polynomial[r * n + c] = (r == c ? 3.4445 : 0) - 4.7750 * gram[r * n + c] + 2.0315 * square;
      }
    for (std::size_t r = 0; r < n; ++r)
      for (std::size_t c = 0; c < width; ++c)
        for (std::size_t k = 0; k < n; ++k)
          next[r * width + c] += polynomial[r * n + k] * x[k * width + c];
    x = std::move(next);
  }
  return x;
}

Doubles transposed(const Doubles& x, std::size_t rows, std::size_t columns) {
  Doubles y(x.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) y[c * rows + r] = x[r * columns + c];
  return y;
}

TEST(Muon, ManyStepsFollowTheFormulaForWideAndTallMatrices) {
  for (const auto& [rows, columns] :
       {std::pair<std::size_t, std::size_t>{7, 19}, {19, 7}, {8, 8}, {1, 5}, {5, 1}}) {
    SCOPED_TRACE(testing::Message() << rows << " x " << columns);
    Weights w = random_weights(rows * columns);
    Parameter p{.name = "w",
                .shape = {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)},
                .value = w.value,
                .grad = w.grad,
                .is_hidden_matrix = true};
    Optimizer muon(
        {&p, 1},
        {.kind = OptimizerOptions::Kind::kMuon, .muon = {.momentum = 0.9}, .weight_decay = 0.5});
    EXPECT_TRUE(muon.moments()[0].second.empty());
    ThreadPool threads(2);
    Doubles x(w.value.begin(), w.value.end()), m(x.size()), direction(x.size());
    for (int t = 1; t <= 3; ++t) {
      muon.update(t, 0.01, 0.5, {threads, default_isa()});
      for (std::size_t i = 0; i < x.size(); ++i) {
        m[i] = 0.9 * m[i] + 0.1 * 0.5 * w.grad[i];
        direction[i] = 0.9 * m[i] + 0.1 * 0.5 * w.grad[i];
      }
      const Doubles o =
          rows <= columns
              ? orthogonal(direction, rows, columns)
              : transposed(orthogonal(transposed(direction, rows, columns), columns, rows), columns,
                           rows);
      const double size = 0.01 * 0.2 * std::sqrt(static_cast<double>(std::max(rows, columns)));
      for (std::size_t i = 0; i < x.size(); ++i) x[i] -= 0.01 * 0.5 * x[i] + size * o[i];
    }
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(w.value[i], x[i], 1e-5);
  }
}

TEST(Muon, SingularValuesComeCloseToOne) {
  ThreadPool threads(2);
  Orthogonalizer orthogonalize;
  // Of a diagonal matrix the singular values are the entries: from 1 down to a hundredth.
  constexpr std::int64_t kRows = 40, kColumns = 100;
  std::vector<float> x(kRows * kColumns);
  for (std::int64_t i = 0; i < kRows; ++i) {
    x[static_cast<std::size_t>(i * (kColumns + 1))] =
        std::pow(0.01f, static_cast<float>(i) / (kRows - 1)) * (i % 2 ? -1.0f : 1.0f);
  }
  orthogonalize(x, kRows, kColumns, {threads, default_isa()});
  for (std::int64_t r = 0; r < kRows; ++r) {
    for (std::int64_t c = 0; c < kColumns; ++c) {
      const float value = x[static_cast<std::size_t>(r * kColumns + c)];
      if (r != c) {
        EXPECT_EQ(value, 0);
      } else {
        EXPECT_GT(value * (r % 2 ? -1.0f : 1.0f), 0.6f) << r;
        EXPECT_LT(std::abs(value), 1.3f) << r;
      }
    }
  }
  std::vector<float> zeros(6);
  orthogonalize(zeros, 2, 3, {threads, default_isa()});
  EXPECT_EQ(zeros, std::vector<float>(6));
}

TEST(Muon, LeavesWhatIsNoHiddenMatrixToAdamW) {
  const auto trained = [](OptimizerOptions::Kind kind) {
    Weights w = random_weights(48);
    Parameter p{
        .name = "model.embed_tokens.weight", .shape = {6, 8}, .value = w.value, .grad = w.grad};
    ThreadPool threads(1);
    Optimizer optimizer({&p, 1}, {.kind = kind});
    optimizer.update(1, 1e-2, 1, {threads, default_isa()});
    return w.value;
  };
  EXPECT_TRUE(trained(OptimizerOptions::Kind::kMuon) == trained(OptimizerOptions::Kind::kAdamW));
}

TEST(Gradients, NormClippingAndZero) {
  std::vector<float> value(40'000), a(40'000, 0.0f), b{3, 0};
  a.back() = 4;
  std::vector<Parameter> p{{.name = "a", .shape = {40'000}, .value = value, .grad = a},
                           {.name = "b", .shape = {2}, .value = value, .grad = b}};
  ThreadPool threads(2);
  EXPECT_DOUBLE_EQ(gradient_norm(p, threads), 5);
  EXPECT_DOUBLE_EQ(clip_scale(5, 1), 0.2);
  EXPECT_DOUBLE_EQ(clip_scale(0.5, 1), 1);
  EXPECT_DOUBLE_EQ(clip_scale(5, 0), 1);
  b[1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(gradient_norm(p, threads)));
  b[1] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isinf(gradient_norm(p, threads)));
  zero_gradients(p, threads);
  EXPECT_EQ(gradient_norm(p, threads), 0);
}

}  // namespace
}  // namespace pangu
