// SPDX-License-Identifier: Apache-2.0
// What is known about units, against plain references that make every intermediate.
#include "compress/evidence.h"

#include <gtest/gtest.h>

#include <random>

#include "compress/matrix.h"
#include "compress/method.h"
#include "compress/testing/small_model.h"

namespace pangu::compress {
namespace {

std::vector<float> random_values(std::size_t n, std::uint32_t seed) {
  std::mt19937 rng(seed);
  std::normal_distribution<float> normal(0.3f, 1.0f);
  std::vector<float> out(n);
  std::generate(out.begin(), out.end(), [&] { return normal(rng); });
  return out;
}

/// Activations of three sequences, as one table too.
struct Text {
  std::vector<Tensor> parts;
  std::vector<std::vector<double>> rows;

  Text(std::int64_t columns, Context& ctx) {
    for (const std::int64_t length : {5, 1, 9}) {
      const auto values = random_values(static_cast<std::size_t>(length * columns),
                                        static_cast<std::uint32_t>(length));
      parts.push_back(matrix_of(values, length, ctx));
      for (std::int64_t t = 0; t < length; ++t) {
        rows.emplace_back(values.begin() + t * columns, values.begin() + (t + 1) * columns);
      }
    }
  }
};

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

std::vector<double> centred(std::vector<double> x) {
  double mean = 0;
  for (const double v : x) mean += v / static_cast<double>(x.size());
  for (double& v : x) v -= mean;
  return x;
}

double pearson(const std::vector<double>& a, const std::vector<double>& b) {
  const auto x = centred(a), y = centred(b);
  return dot(x, y) / std::sqrt(dot(x, x) * dot(y, y));
}

TEST(ColumnSums, AreThoseOfThePlainLoop) {
  Context ctx = test::make_context();
  const Text text(7, ctx);
  const ColumnSums sums = column_sums(text.parts, ctx);
  EXPECT_EQ(sums.tokens, 15);
  for (std::size_t c = 0; c < 7; ++c) {
    double sum = 0, magnitude = 0, squares = 0, largest = 0;
    for (const auto& row : text.rows) {
      sum += row[c], magnitude += std::fabs(row[c]), squares += row[c] * row[c];
      largest = std::max(largest, row[c] * row[c]);
    }
    EXPECT_NEAR(sums.sum[c], sum, 1e-5);
    EXPECT_NEAR(sums.magnitude[c], magnitude, 1e-5);
    EXPECT_NEAR(sums.squares[c], squares, 1e-5);
    EXPECT_NEAR(sums.largest_square[c], largest, 1e-5);
  }
}

TEST(ColumnSums, RefuseWhatIsNoNumber) {
  Context ctx = test::make_context();
  const std::vector<float> values = {1, 2, INFINITY, 4};
  EXPECT_THROW(column_sums({{matrix_of(values, 2, ctx)}}, ctx), NumericError);
}

TEST(Influence, IsOneMinusTheMeanCosine) {
  Context ctx = test::make_context();
  const std::vector<float> x = {1, 0, 0, 2}, y = {0, 3, 0, 5};
  EXPECT_NEAR(influence({{matrix_of(x, 2, ctx)}}, {{matrix_of(y, 2, ctx)}}), 0.5, 1e-12);
  EXPECT_NEAR(influence({{matrix_of(x, 2, ctx)}}, {{matrix_of(x, 2, ctx)}}), 0, 1e-12);
}

/// SlimLLM's similarity, from contributions that are really made: P_g = X_g W_g.
TEST(HeadContributions, GiveThePearsonCorrelationOfEveryChoice) {
  Context ctx = test::make_context();
  ModelConfig config = test::small_config();
  config.hidden_size = 10;
  const std::int64_t Q = config.n_heads * config.head_dim, block = Q / config.n_kv_heads;
  const Text text(Q, ctx);
  const std::vector<float> o = random_values(static_cast<std::size_t>(10 * Q), 3);
  const HeadContributions got = head_contributions(text.parts, o, config, ctx);

  std::vector<std::vector<double>> p(3);
  for (const auto& row : text.rows) {
    for (std::int64_t e = 0; e < 10; ++e) {
      for (std::int64_t g = 0; g < 3; ++g) {
        double sum = 0;
        for (std::int64_t i = g * block; i < (g + 1) * block; ++i) {
          sum += row[static_cast<std::size_t>(i)] * o[static_cast<std::size_t>(e * Q + i)];
        }
        p[static_cast<std::size_t>(g)].push_back(sum);
      }
    }
  }
  for (std::size_t g = 0; g < 3; ++g) {
    for (std::size_t h = 0; h < 3; ++h) {
      const double want = dot(centred(p[g]), centred(p[h]));
      EXPECT_NEAR(got.covariance[g * 3 + h], want, 1e-3 * std::fabs(want) + 1e-2);
    }
  }

  std::vector<double> all(p[0].size());
  for (const auto& part : p) {
    for (std::size_t i = 0; i < all.size(); ++i) all[i] += part[i];
  }
  const LayerEvidence evidence{
      .unit = Unit::kHeads, .units = 3, .squares = {}, .activations = {}, .heads = got};
  const std::vector<double> scores = kSlimMethod.heads(evidence, {});
  for (std::size_t g = 0; g < 3; ++g) {
    std::vector<double> without = all;
    for (std::size_t i = 0; i < all.size(); ++i) without[i] -= p[g][i];
    EXPECT_NEAR(scores[g], -pearson(all, without), 1e-4);
  }
  // One head that stays: the search finds the one that correlates best, wherever it starts.
  std::size_t best = 0;
  for (std::size_t g = 1; g < 3; ++g) {
    if (pearson(all, p[g]) > pearson(all, p[best])) best = g;
  }
  for (std::int32_t start = 0; start < 3; ++start) {
    EXPECT_EQ(kSlimMethod.refine_heads(evidence, {start}),
              std::vector<std::int32_t>{static_cast<std::int32_t>(best)});
  }
}

TEST(FeatureEnergy, IsThatOfTheCovarianceOfTheOutput) {
  Context ctx = test::make_context();
  constexpr std::int64_t kRows = 6, kNeurons = 9;
  const Text text(kRows, ctx);
  const std::vector<float> down = random_values(kRows * kNeurons, 8);
  const std::vector<double> got = feature_energy(text.parts, down, kRows, ctx);
  const auto tokens = static_cast<double>(text.rows.size());
  std::vector<double> mean(kRows);
  for (const auto& row : text.rows) {
    for (std::size_t e = 0; e < mean.size(); ++e) mean[e] += row[e] / tokens;
  }
  for (std::size_t i = 0; i < kNeurons; ++i) {
    double want = 0;  // the variance of the output along the neuron's column
    for (const auto& row : text.rows) {
      double along = 0;
      for (std::size_t e = 0; e < mean.size(); ++e) {
        along += (row[e] - mean[e]) * down[e * kNeurons + i];
      }
      want += along * along / tokens;
    }
    EXPECT_NEAR(got[i], want, 1e-4 * want);
  }
}

TEST(Camera, ScoresTheEnergyOfEachNeuron) {
  LayerEvidence e{.unit = Unit::kNeurons, .units = 2};
  e.squares.out = {4, 9};
  e.activations.squares = {10, 2};
  e.activations.largest_square = {6, 1};
  const auto scores = kCameraMethod.neurons(e, {.camera = {.reduce_ratio = 0.25}});
  EXPECT_DOUBLE_EQ(scores[0], (0.75 * 10 + 0.25 * 6) * 4);
  EXPECT_DOUBLE_EQ(scores[1], (0.75 * 2 + 0.25 * 1) * 9);
}

TEST(Weigh, AddsUpEveryWeightOnce) {
  Context ctx = test::make_context();
  const test::ScratchDir scratch;
  test::write_model(scratch / "model", test::small_config(), ctx);
  const test::SmallModel model(scratch / "model");
  const auto total = [&](Unit unit) {
    const LayerEvidence e = weigh(model.config, unit, 1, *model.source, ctx.threads());
    EXPECT_EQ(std::ssize(e.squares.in), unit_count(model.config, unit, 1));
    double sum = 0;
    for (std::size_t i = 0; i < e.squares.in.size(); ++i) sum += e.squares.in[i] + e.squares.out[i];
    return sum;
  };
  const double all = total(Unit::kLayers);
  EXPECT_NEAR(total(Unit::kNeurons) + total(Unit::kHeads), all, 1e-6 * all);
  EXPECT_NEAR(total(Unit::kChannels), all, 1e-6 * all);
}

TEST(Methods, AreFoundByNameAndUnit) {
  for (const Method* m : methods()) {
    for (const Unit unit : {Unit::kNeurons, Unit::kHeads, Unit::kLayers, Unit::kChannels}) {
      if (m->score(unit)) {
        EXPECT_EQ(&find_method(m->name, unit), m);
      } else {
        EXPECT_THROW(find_method(m->name, unit), ConfigError);
      }
    }
  }
  EXPECT_THROW(find_method("hessian", Unit::kNeurons), ConfigError);
}

TEST(Methods, RandomFollowsItsSeed) {
  LayerEvidence e{.unit = Unit::kNeurons, .layer = 2, .units = 5};
  e.squares.in = e.squares.out = std::vector<double>(5, 1.0);
  const auto first = kRandomMethod.neurons(e, {.seed = 1});
  EXPECT_EQ(first, kRandomMethod.neurons(e, {.seed = 1}));
  EXPECT_NE(first, kRandomMethod.neurons(e, {.seed = 2}));
  e.layer = 3;
  EXPECT_NE(first, kRandomMethod.neurons(e, {.seed = 1}));
}

}  // namespace
}  // namespace pangu::compress
