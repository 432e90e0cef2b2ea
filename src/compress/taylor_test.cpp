// SPDX-License-Identifier: Apache-2.0
// Scores by gradients against goldens of an automatic differentiation in double precision.
#include "compress/taylor.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "compress/allocation.h"
#include "compress/testing/small_model.h"
#include "io/safetensors.h"

namespace pangu::compress {
namespace {

std::vector<double> numbers(const TensorView& t) {
  std::vector<double> out(static_cast<std::size_t>(element_count(t)));
  const auto read = [&]<class T>() {
    for (std::size_t i = 0; i < out.size(); ++i) {
      T value;
      std::memcpy(&value, t.data.data() + i * sizeof(T), sizeof(T));
      out[i] = static_cast<double>(value);
    }
  };
  if (t.dtype == DType::kI64) {
    read.operator()<std::int64_t>();
  } else if (t.dtype == DType::kF64) {
    read.operator()<double>();
  } else {
    read.operator()<float>();
  }
  return out;
}

TEST(Taylor, ScoresAreThoseOfAutomaticDifferentiation) {
  PANGU_NEEDS_SHARED_DATA();
  const SafetensorsFile golden(pangu::test::shared_dir() /
                               "golden/pangu-embedded-tiny-grad.safetensors");
  const test::SmallModel model(pangu::test::shared_dir() / "models/pangu-embedded-tiny");
  TokenBatch text;
  for (const double id : numbers(*golden.find("ids"))) {
    text.positions.push_back(static_cast<std::int32_t>(text.tokens.size()));
    text.tokens.push_back(static_cast<TokenId>(id));
  }
  text.document_starts = {0};
  text.targets.assign(text.tokens.begin() + 1, text.tokens.end());
  text.targets.push_back(kNoTarget);

  Context ctx = test::make_context();
  const auto sums = taylor_sums(model.config, *model.source, Unit::kNeurons, {{text}}, {}, ctx);
  ASSERT_EQ(std::ssize(sums), model.config.n_layers);
  for (std::size_t l = 0; l < sums.size(); ++l) {
    const std::vector<double> want = numbers(*golden.find(fmt::format("taylor.{}", l)));
    ASSERT_EQ(sums[l].in.size(), want.size());
    std::vector<double> got;
    for (std::size_t i = 0; i < want.size(); ++i) {
      got.push_back(sums[l].in[i] + sums[l].out[i]);
      EXPECT_NEAR(got[i], want[i], 1e-4 * want[i]) << "layer " << l << ", neuron " << i;
    }
    std::vector<double> falling = want;
    std::ranges::sort(falling, std::greater<>());
    for (std::int64_t n = 1; n < std::ssize(want); ++n) {
      // The reference kernels, which a device of the tests runs, sum in another order: two that are
      // as good as equal may swap.
      const auto cut = static_cast<std::size_t>(n);
      const bool is_tie = falling[cut - 1] - falling[cut] < 2e-4 * falling[cut];
      if (is_tie && !ctx.device().is_host()) continue;
      EXPECT_EQ(highest(got, n), highest(want, n)) << "layer " << l;
    }
  }
}

/// The sums of heads and layers are the same products, joined otherwise.
TEST(Taylor, UnitsJoinTheSameWeights) {
  Context ctx = test::make_context();
  const test::ScratchDir scratch;
  test::write_model(scratch / "model", test::small_config(), ctx);
  const test::SmallModel model(scratch / "model");
  const auto text = test::random_text(70, 2, 20);
  const auto total = [](const UnitSums& s) {
    double sum = 0;
    for (const double x : s.in) sum += x;
    for (const double x : s.out) sum += x;
    return sum;
  };
  const auto of = [&](Unit unit) {
    return taylor_sums(model.config, *model.source, unit, text, {}, ctx);
  };
  const auto neurons = of(Unit::kNeurons), heads = of(Unit::kHeads), layers = of(Unit::kLayers),
             channels = of(Unit::kChannels);
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const double all = total(layers[l]);
    EXPECT_NEAR(total(neurons[l]) + total(heads[l]), all, 1e-5 * all);
    EXPECT_NEAR(total(channels[l]), all, 1e-5 * all);
    EXPECT_EQ(heads[l].in.size(), 3u);
    EXPECT_EQ(channels[l].in.size(), 40u);
  }
}

TEST(Taylor, DoesNotDependOnThreads) {
  const test::ScratchDir scratch;
  Context two = test::make_context();
  test::write_model(scratch / "model", test::small_config(), two);
  const test::SmallModel model(scratch / "model");
  Context one{{.threads = 1, .isa = default_isa(), .dtype = DType::kF32}};
  const auto text = test::random_text(70, 3, 20);
  const auto a = taylor_sums(model.config, *model.source, Unit::kNeurons, text, {}, one);
  const auto b = taylor_sums(model.config, *model.source, Unit::kNeurons, text, {}, two);
  for (std::size_t l = 0; l < a.size(); ++l) {
    EXPECT_EQ(a[l].in, b[l].in);
    EXPECT_EQ(a[l].out, b[l].out);
  }
}

}  // namespace
}  // namespace pangu::compress
