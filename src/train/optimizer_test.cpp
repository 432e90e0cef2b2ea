// SPDX-License-Identifier: Apache-2.0
// AdamW against PyTorch and against the formula in double; clipping; any number of threads.
#include "train/adamw.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

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
    AdamW adamw({&p, 1}, {});
    adamw.update(1, 1e-3, 1, threads);
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
  const AdamWOptions o{.beta1 = 0.8, .beta2 = 0.9, .eps = 1e-3, .weight_decay = 0.5};
  for (const bool decay : {true, false}) {
    Weights w = random_weights(37);
    Parameter p{.name = "w", .shape = {37}, .value = w.value, .grad = w.grad, .decay = decay};
    AdamW adamw({&p, 1}, o);
    ThreadPool threads(1);
    std::vector<double> x(w.value.begin(), w.value.end()), m(37), v(37);
    for (int t = 1; t <= 5; ++t) {
      adamw.update(t, 0.01, 0.5, threads);
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

TEST(AdamW, ThreadsDoNotChangeABit) {
  const auto trained = [](int n_threads) {
    Weights w = random_weights(100'003);
    Parameter p{.name = "w", .shape = {100'003}, .value = w.value, .grad = w.grad};
    ThreadPool threads(n_threads);
    AdamW adamw({&p, 1}, {});
    const double norm = gradient_norm({&p, 1}, threads);
    for (int t = 1; t <= 3; ++t) adamw.update(t, 1e-2, clip_scale(norm, 1), threads);
    return w.value;
  };
  EXPECT_TRUE(trained(1) == trained(3));
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
