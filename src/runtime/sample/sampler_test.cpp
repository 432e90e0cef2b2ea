// SPDX-License-Identifier: Apache-2.0
// The sampler against a slow reference that sorts the whole vocabulary, in long double.
#include "runtime/sample/sampler.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <utility>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr float kSamplerInfinity = std::numeric_limits<float>::infinity();
using Row = std::vector<float>;

struct Reference {
  std::vector<TokenId> ids;
  std::vector<long double> probabilities;
  // How near a filter came to deciding otherwise, relative to its threshold.
  long double margin = 1;
};

double reference_bias(const SamplingOptions& o, std::size_t id) {
  for (const LogitBias& one : o.logit_bias) {
    if (static_cast<std::size_t>(one.id) == id) return one.bias;
  }
  return 0;
}

Row reference_penalties(Row logits, const TokenHistory& history, const SamplingOptions& o) {
  const auto tokens = history.tokens();
  const std::size_t n = tokens.size();
  const std::size_t first =
      o.penalty_last_n < 0 ? 0 : n - std::min(n, static_cast<std::size_t>(o.penalty_last_n));
  for (std::size_t id = 0; id < logits.size(); ++id) {
    int seen = 0, generated = 0;
    for (std::size_t i = first; i < n; ++i) {
      if (tokens[i] != static_cast<TokenId>(id)) continue;
      ++seen;
      if (i >= history.prompt_size()) ++generated;
    }
    if (logits[id] == -kSamplerInfinity) continue;
    if (seen == 0) {
      logits[id] = static_cast<float>(logits[id] + reference_bias(o, id));
      continue;
    }
    double v = logits[id];
    v = v > 0 ? v / o.repetition_penalty : v * o.repetition_penalty;
    v -= generated * static_cast<double>(o.frequency_penalty);
    v -= (generated > 0 ? 1 : 0) * static_cast<double>(o.presence_penalty);
    // Penalized logits are floats before anything is added.
    logits[id] = static_cast<float>(static_cast<float>(v) + reference_bias(o, id));
  }
  return logits;
}

// Less likely tokens than e^-700 times the likeliest are never candidates.
const long double kLowestWeight = std::exp(-700.0L);

Reference reference_process(const Row& raw, const TokenHistory& history, const SamplingOptions& o) {
  const Row logits = reference_penalties(raw, history, o);
  std::vector<ScoredToken> ranked;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (logits[i] > -kSamplerInfinity) ranked.push_back({logits[i], static_cast<TokenId>(i)});
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.logit > b.logit; });
  if (o.temperature == 0) return {{ranked[0].id}, {1}};
  if (o.top_k > 0 && ranked.size() > static_cast<std::size_t>(o.top_k)) {
    ranked.resize(static_cast<std::size_t>(o.top_k));
  }
  std::vector<long double> weights;
  long double total = 0;
  for (const auto& token : ranked) {
    weights.push_back(std::exp((static_cast<long double>(token.logit) - ranked[0].logit) /
                               static_cast<long double>(o.temperature)));
    total += weights.back();
  }
  Reference result;
  long double before = 0;
  std::vector<std::pair<TokenId, long double>> kept;
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    if (o.top_p < 1 && i > 0) {
      result.margin = std::min(result.margin, std::abs(before / total - o.top_p));
      if (before >= o.top_p * total) break;
    }
    before += weights[i];
    if (o.min_p > 0 && i > 0) {
      result.margin = std::min(result.margin, std::abs(weights[i] / o.min_p - 1));
      if (weights[i] < o.min_p) break;
    }
    if (weights[i] < kLowestWeight) break;
    kept.emplace_back(ranked[i].id, weights[i]);
  }
  std::sort(kept.begin(), kept.end());
  long double sum = 0;
  for (const auto& [id, w] : kept) sum += w;
  for (const auto& [id, w] : kept) {
    result.ids.push_back(id);
    result.probabilities.push_back(w / sum);
  }
  return result;
}

// Compares unless the reference itself is within rounding of another decision, which only exact
// ties can cause; returns whether it compared.
bool expect_agreement(const Row& logits, const TokenHistory& history, const SamplingOptions& o) {
  SamplerScratch scratch;
  Distribution got;
  Sampler(o).process(logits, history, scratch, got);
  const Reference want = reference_process(logits, history, o);

  double sum = 0;
  for (std::size_t i = 0; i < got.candidates.size(); ++i) {
    EXPECT_GT(got.candidates[i].probability, 0.0);
    if (i > 0) {
      EXPECT_LT(got.candidates[i - 1].id, got.candidates[i].id);
    }
    sum += got.candidates[i].probability;
  }
  // n roundings of this sum, and as many of the one that the probabilities were divided by.
  EXPECT_NEAR(sum, 1.0, 0x1p-52 * static_cast<double>(got.candidates.size() + 4));
  if (want.margin < 1e-10L) return false;

  const double bound = (3 * 700 + static_cast<double>(want.ids.size())) * 0x1p-52;
  std::size_t at = 0;
  for (std::size_t i = 0; i < want.ids.size(); ++i) {
    if (at == got.candidates.size() || got.candidates[at].id != want.ids[i]) {
      ADD_FAILURE() << "candidate " << at << " should be token " << want.ids[i]
                    << " with probability " << want.probabilities[i];
      return true;
    }
    // Each weight is within 2 ulp of its exponential, whose argument, at most 700 in size, is
    // rounded three times; the sum of n weights is rounded n times.
    const double p = static_cast<double>(want.probabilities[i]);
    EXPECT_NEAR(got.candidates[at++].probability, p, bound * p);
  }
  EXPECT_EQ(at, got.candidates.size());
  return true;
}

std::string describe(const SamplingOptions& o) {
  return fmt::format(
      "T={} k={} top_p={} min_p={} rep={} pres={} freq={} last={} biased={} test seed {}",
      o.temperature, o.top_k, o.top_p, o.min_p, o.repetition_penalty, o.presence_penalty,
      o.frequency_penalty, o.penalty_last_n, o.logit_bias.size(), test::seed());
}

TEST(Sampler, RandomOptionsAgreeWithTheReference) {
  std::mt19937_64 generator(test::seed());
  const auto pick = [&](auto... values) {
    const std::array list{values...};
    return list[generator() % list.size()];
  };
  int compared = 0;
  for (int round = 0; round < 3000; ++round) {
    SamplingOptions o;
    o.temperature = pick(0.0f, 0.01f, 0.7f, 1.0f, 1.0f, 1.9f, 50.0f);
    o.top_k = pick(0, 0, 1, 2, 40, 100, 100000);
    o.top_p = pick(1.0f, 1.0f, 0.95f, 0.8f, 0.5f, 0.01f, 0.0f, 0.9999999f);
    o.min_p = pick(0.0f, 0.0f, 0.05f, 0.3f, 1.0f, 1e-30f);
    o.repetition_penalty = pick(1.0f, 1.3f, 0.8f);
    o.presence_penalty = pick(0.0f, 1.5f, -1.0f);
    o.frequency_penalty = pick(0.0f, 0.7f, -0.3f);
    o.penalty_last_n = pick(-1, 0, 5, 1000);
    const auto size = static_cast<std::size_t>(pick(1, 2, 63, 64, 65, 300, 1500));
    const bool has_ties = generator() % 2 == 0;
    std::normal_distribution<float> normal(1.0f, pick(0.01f, 1.0f, 4.0f, 300.0f));
    Row logits(size);
    for (float& v : logits) {
      v = normal(generator);
      if (has_ties) v = std::round(v * 2) / 2;
      if (generator() % 10 == 0) v = -kSamplerInfinity;
    }
    logits[generator() % size] = 1.25f;
    for (std::size_t id = generator() % 50; id < size && o.logit_bias.size() < 4;
         id += 1 + generator() % 40) {
      o.logit_bias.push_back({static_cast<TokenId>(id), pick(-100.0f, -1.5f, 3.0f, 100.0f)});
    }
    TokenHistory history(o.penalty_last_n);
    for (int i = 0; i < 20; ++i) {
      const auto id = static_cast<TokenId>(generator() % size);
      if (i < 8) {
        history.append_prompt(std::array<TokenId, 1>{id});
      } else {
        history.push(id);
      }
    }
    SCOPED_TRACE(describe(o) + fmt::format(" size={} round={}", size, round));
    compared += expect_agreement(logits, history, o) ? 1 : 0;
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(compared, 2500);  // the rest meet a threshold exactly, as ties at min_p = 1 do
}

TEST(Sampler, AgreesWithTheReferenceOnALargeVocabulary) {
  std::mt19937_64 generator(test::seed());
  const std::size_t size = test::kSanitized ? 10'000 : 153'376;
  for (const float spread : {0.001f, 0.5f, 3.0f}) {
    for (const bool has_ties : {false, true}) {
      std::normal_distribution<float> normal(0.0f, spread);
      Row logits(size);
      for (float& v : logits) {
        v = normal(generator);
        if (has_ties) v = std::round(v * 16) / 16;
      }
      for (std::size_t i = 0; i < 50; ++i) logits[i * (size / 51)] += 4 * spread;
      for (const SamplingOptions& o :
           {SamplingOptions{.top_p = 0.8f}, SamplingOptions{.top_p = 0.999f}, SamplingOptions{},
            SamplingOptions{.temperature = 0.6f, .top_k = 40, .top_p = 0.8f},
            SamplingOptions{.top_k = 20000, .top_p = 0.7f}, SamplingOptions{.min_p = 0.05f},
            SamplingOptions{.temperature = 2.0f, .top_p = 0.9f, .min_p = 0.1f}}) {
        SCOPED_TRACE(describe(o) + fmt::format(" spread={} ties={}", spread, has_ties));
        expect_agreement(logits, TokenHistory(), o);
      }
    }
  }
}

// Draws 20,000 tokens at successive positions; the chi-square of what came, in units of its own
// standard deviation above its mean.
double excess_of_draws(const Row& logits, const SamplingOptions& o, const Reference& want) {
  const int draws = 20000;
  std::vector<int> counts(logits.size());
  const Sampler sampler(o);
  SamplerScratch scratch;
  Distribution distribution;
  sampler.process(logits, sampler.make_history(), scratch, distribution);
  for (int i = 0; i < draws; ++i) {
    const double u = uniform(o.seed, static_cast<std::uint64_t>(i), RandomStream::kToken);
    ++counts[static_cast<std::size_t>(distribution.draw(u))];
  }
  double sum = 0;
  for (std::size_t i = 0; i < want.ids.size(); ++i) {
    const double expected = static_cast<double>(want.probabilities[i]) * draws;
    const double off = std::exchange(counts[static_cast<std::size_t>(want.ids[i])], 0) - expected;
    sum += off * off / expected;
  }
  for (const int rest : counts) EXPECT_EQ(rest, 0) << "a token outside the distribution was drawn";
  const double freedom = static_cast<double>(want.ids.size()) - 1;
  return freedom == 0 ? 0 : (sum - freedom) / std::sqrt(2 * freedom);
}

TEST(Sampler, FrequenciesFollowTheProbabilities) {
  const Row logits{2.0f, 1.0f, 0.5f, 0.5f, 0.0f, -0.5f, -1.0f, 1.7f, -kSamplerInfinity, 0.2f};
  const std::vector<SamplingOptions> all{
      {},
      {.temperature = 0.5f},
      {.temperature = 2.0f},
      {.top_k = 4},
      {.top_p = 0.8f},
      {.min_p = 0.2f},
      {.temperature = 1.5f, .top_k = 6, .top_p = 0.9f, .min_p = 0.1f},
      {.temperature = 0.7f, .top_p = 0.95f},
      {.top_k = 5, .min_p = 0.25f}};
  for (SamplingOptions o : all) {
    for (o.seed = 1; o.seed <= 3; ++o.seed) {
      SCOPED_TRACE(describe(o) + fmt::format(" seed={}", o.seed));
      const Reference want = reference_process(logits, TokenHistory(), o);
      EXPECT_LT(excess_of_draws(logits, o, want), 5.0);
    }
  }
  // The measure can fail: draws at temperature 1 are not those of temperature 1.2.
  const Reference other = reference_process(logits, TokenHistory(), {.temperature = 1.2f});
  EXPECT_GT(excess_of_draws(logits, {}, other), 5.0);
}

TEST(Sampler, BiasByHand) {
  const Sampler sampler({.logit_bias = {{0, -100}, {2, 1.5f}, {3, 100}, {9, 5}}});
  SamplerScratch scratch;
  Distribution got;
  // The third comes with the first's place; what is masked stays so; a token that is not there is
  // passed over.
  sampler.process(Row{4, 2, 0.5f, -kSamplerInfinity}, sampler.make_history(), scratch, got);
  EXPECT_NEAR(got.probability(1) / got.probability(2), 1, 1e-12);
  EXPECT_NEAR(got.probability(0) / got.probability(1), std::exp(-98.0), 1e-50);
  EXPECT_EQ(got.probability(3), 0);
  const Sampler greedy({.temperature = 0, .logit_bias = {{1, 3}}});
  EXPECT_EQ(greedy.sample(Row{4, 2, 0}, greedy.make_history(), scratch), 1);
}

TEST(Sampler, PenaltiesByHand) {
  // Prompt 0 0 1, reply 1 2 2. Repetition 2: 4/2, 2/2, -1*2, untouched. Then frequency 0.25 and
  // presence 0.5 on the reply only: 1 - 0.25 - 0.5 and -2 - 0.5 - 0.5.
  SamplingOptions o{
      .repetition_penalty = 2.0f, .presence_penalty = 0.5f, .frequency_penalty = 0.25f};
  const Sampler sampler(o);
  TokenHistory history = sampler.make_history();
  history.append_prompt(std::array<TokenId, 3>{0, 0, 1});
  for (const TokenId id : {1, 2, 2}) history.push(id);
  SamplerScratch scratch;
  Distribution got;
  sampler.process(Row{4, 2, -1, 3}, history, scratch, got);
  const std::array want{2.0, 0.25, -3.0, 3.0};
  double sum = 0;
  for (const double v : want) sum += std::exp(v);
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_NEAR(got.probability(static_cast<TokenId>(i)), std::exp(want[i]) / sum, 1e-15);
  }
  // A window of two sees the tokens 2 2 alone.
  o.penalty_last_n = 2;
  const Sampler windowed(o);
  TokenHistory last_two = windowed.make_history();
  last_two.append_prompt(std::array<TokenId, 3>{0, 0, 1});
  for (const TokenId id : {1, 2, 2}) last_two.push(id);
  windowed.process(Row{4, 2, -1, 3}, last_two, scratch, got);
  EXPECT_NEAR(got.probability(0) / got.probability(2), std::exp(4.0 + 3.0), 1e-10);
  EXPECT_NEAR(got.probability(0) / got.probability(1), std::exp(4.0 - 2.0), 1e-12);
}

TEST(Sampler, ExtremePenaltiesStayFinite) {
  const Sampler weak({.temperature = 0, .repetition_penalty = 1e-38f});
  TokenHistory history = weak.make_history();
  history.append_prompt(std::array<TokenId, 1>{1});
  SamplerScratch scratch;
  EXPECT_EQ(weak.sample(Row{5, 4, 3}, history, scratch), 1);  // 4e38 is clamped, not infinite
  const Sampler strong({.repetition_penalty = 1e38f});
  Distribution got;
  strong.process(Row{-5e5f, -kSamplerInfinity}, history, scratch, got);
  ASSERT_EQ(got.candidates.size(), 1u);  // a masked token stays masked
  strong.process(Row{-kSamplerInfinity, -5e5f}, history, scratch, got);
  EXPECT_EQ(got.candidates[0].id, 1);
}

TEST(Sampler, GreedyTakesTheLowestIdOfEquals) {
  const Sampler greedy({.temperature = 0, .top_k = 5, .top_p = 0.1f, .seed = 9});
  SamplerScratch scratch;
  EXPECT_EQ(greedy.sample(Row{1, 3, 2, 3, 3}, greedy.make_history(), scratch), 1);
  Distribution got;
  greedy.process(Row{1, 3, 2, 3, 3}, greedy.make_history(), scratch, got);
  ASSERT_EQ(got.candidates.size(), 1u);
  EXPECT_EQ(got.candidates[0].id, 1);
  EXPECT_EQ(got.candidates[0].probability, 1.0);
}

TEST(Sampler, FiltersKeepTheLowestIdsOfEquals) {
  const Row equal(10, 2.0f);
  SamplerScratch scratch;
  Distribution got;
  Sampler({.top_k = 3}).process(equal, TokenHistory(), scratch, got);
  EXPECT_EQ(got.candidates.size(), 3u);
  EXPECT_EQ(got.candidates.back().id, 2);
  Sampler({.top_p = 0.5f}).process(equal, TokenHistory(), scratch, got);
  EXPECT_EQ(got.candidates.size(), 5u);  // 0.5 is reached, not exceeded
  EXPECT_EQ(got.candidates.back().id, 4);
  Sampler({.top_p = 0.5f}).process(Row(1000, -1.0f), TokenHistory(), scratch, got);
  EXPECT_EQ(got.candidates.size(), 500u);  // the same where the search halves the list
  EXPECT_EQ(got.candidates.back().id, 499);
  Sampler({.min_p = 1.0f}).process(equal, TokenHistory(), scratch, got);
  EXPECT_EQ(got.candidates.size(), 10u);
  Sampler({.top_p = 0.0f}).process(equal, TokenHistory(), scratch, got);
  EXPECT_EQ(got.candidates.size(), 1u);
  EXPECT_EQ(got.candidates[0].id, 0);
}

TEST(Sampler, ATokenDependsOnLogitsSeedAndPositionAlone) {
  std::mt19937_64 generator(test::seed());
  std::normal_distribution<float> normal(0.0f, 2.0f);
  std::vector<Row> rows(40, Row(200));
  for (Row& row : rows) {
    for (float& v : row) v = normal(generator);
  }
  const SamplingOptions o{.top_p = 0.9f, .frequency_penalty = 0.5f, .seed = 77};
  const auto generate = [&](const SamplingOptions& options) {
    const Sampler sampler(options);
    SamplerScratch scratch;
    TokenHistory history = sampler.make_history();
    for (const Row& row : rows) history.push(sampler.sample(row, history, scratch));
    return std::vector<TokenId>(history.tokens().begin(), history.tokens().end());
  };
  const auto plain = generate(o);

  // Again with dirty scratch, wrong drafts that are rolled back, and other work in between.
  const Sampler sampler(o), other({.top_k = 7});
  SamplerScratch scratch;
  TokenHistory history = sampler.make_history();
  for (const Row& row : rows) {
    const std::size_t size = history.size();
    for (TokenId draft = 0; draft < 4; ++draft) {
      history.push(draft * 11);
      sampler.sample(rows[0], history, scratch);
      other.sample(rows[1], history, scratch);
    }
    history.truncate(size);
    history.push(sampler.sample(row, history, scratch));
  }
  EXPECT_EQ(std::vector<TokenId>(history.tokens().begin(), history.tokens().end()), plain);

  SamplingOptions reseeded = o;
  reseeded.seed = 78;
  EXPECT_NE(generate(reseeded), plain);
}

TEST(Sampler, SampleIsTheDrawFromTheProcessedDistribution) {
  const Row logits{1, 2, 3, 4, 5};
  const Sampler sampler({.top_p = 0.95f, .seed = 5});
  TokenHistory history = sampler.make_history();
  SamplerScratch scratch;
  Distribution got;
  for (int i = 0; i < 100; ++i) {
    sampler.process(logits, history, scratch, got);
    const TokenId id = sampler.sample(logits, history, scratch);
    EXPECT_EQ(id, got.draw(uniform(5, history.size(), RandomStream::kToken)));
    history.push(id);
  }
}

TEST(Sampler, DrawIsTheInverseOfTheCumulativeDistribution) {
  const Distribution d{{{3, 0.25}, {7, 0.5}, {9, 0.25}}};
  EXPECT_EQ(d.draw(0.0), 3);
  EXPECT_EQ(d.draw(0.2499), 3);
  EXPECT_EQ(d.draw(0.25), 7);
  EXPECT_EQ(d.draw(0.7499), 7);
  EXPECT_EQ(d.draw(0.75), 9);
  EXPECT_EQ((Distribution{{{3, 0.5}, {7, 0.5 - 1e-9}}}.draw(0x1.fffffffffffffp-1)), 7);
  EXPECT_EQ(d.probability(7), 0.5);
  EXPECT_EQ(d.probability(8), 0.0);
  EXPECT_EQ(d.probability(10), 0.0);
  PANGU_EXPECT_ERROR(Distribution{}.draw(0.5), InputError, "no candidates");
}

TEST(Sampler, ExtremeButLegalLogits) {
  SamplerScratch scratch;
  Distribution got;
  const Row logits{3e38f, -3e38f, -kSamplerInfinity, 3e38f};
  for (const float temperature : {std::numeric_limits<float>::denorm_min(), 1.0f, 3e38f}) {
    for (const SamplingOptions& o :
         {SamplingOptions{.temperature = temperature},
          SamplingOptions{.temperature = temperature, .top_p = 0.99f},
          SamplingOptions{.temperature = temperature, .min_p = 0.01f},
          SamplingOptions{.temperature = temperature, .top_k = 3, .top_p = 0.99f}}) {
      SCOPED_TRACE(describe(o));
      Sampler(o).process(logits, TokenHistory(), scratch, got);
      EXPECT_EQ(got.probability(0), got.probability(3));
      EXPECT_EQ(got.probability(2), 0.0);
      EXPECT_EQ(got.candidates.size(), temperature > 1 ? 3u : 2u);
    }
  }
}

TEST(Sampler, EveryError) {
  SamplerScratch scratch;
  Distribution got;
  PANGU_EXPECT_ERROR(Sampler({.top_k = -4}), ConfigError, "top_k", "-4");
  const Row damaged{1, NAN, 2};
  const TokenHistory none;
  for (const SamplingOptions& o :
       {SamplingOptions{}, SamplingOptions{.temperature = 0}, SamplingOptions{.top_k = 1},
        SamplingOptions{.top_p = 0.5f}, SamplingOptions{.min_p = 0.5f}}) {
    PANGU_EXPECT_ERROR(Sampler(o).sample(damaged, none, scratch), NumericError, "token 1 of 3",
                       "nan", "--dtype f32");
    PANGU_EXPECT_ERROR(Sampler(o).process(damaged, none, scratch, got), NumericError, "nan");
    PANGU_EXPECT_ERROR(Sampler(o).sample(Row{1, kSamplerInfinity}, none, scratch), NumericError,
                       "inf");
    PANGU_EXPECT_ERROR(Sampler(o).sample(Row(3, -kSamplerInfinity), none, scratch), NumericError,
                       "all 3 are -inf");
    PANGU_EXPECT_ERROR(Sampler(o).sample({}, none, scratch), ShapeError, "empty");
  }
  const Sampler penalizing({.presence_penalty = 1});
  TokenHistory history = penalizing.make_history();
  history.push(1);
  PANGU_EXPECT_ERROR(penalizing.sample(damaged, history, scratch), NumericError, "nan");
  history.push(3);
  PANGU_EXPECT_ERROR(penalizing.sample(Row{1, 2, 3}, history, scratch), ShapeError, "token 3",
                     "3 logits");
  PANGU_EXPECT_ERROR(penalizing.sample(Row{1, 2, 3}, TokenHistory(4), scratch), ConfigError,
                     "last 4 tokens", "-1");
}

}  // namespace
}  // namespace pangu
