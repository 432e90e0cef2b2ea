// SPDX-License-Identifier: Apache-2.0
// What speculation draws against the exact distribution of the model: chi-square over the third
// token of a reply, which is checked as part of a draft, on a vocabulary small enough to sum over
// all first and second tokens.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "ops/host.h"
#include "runtime/generate/generator.h"
#include "tests/support/model_fixture.h"
#include "tests/support/random_checkpoint.h"

namespace pangu {
namespace {

constexpr int kVocabulary = 12;
const auto kDraws =
    static_cast<int>(test::number_from("PANGU_TEST_DRAWS", test::takes_fewer() ? 60 : 4000));

Model small_model(Context& ctx, std::uint64_t seed) {
  ModelConfig config = test::odd_config();
  config.vocab_size = kVocabulary;
  const auto source = random_source(config, DType::kF32, seed);
  Model model;
  model.network = load_language_model(config, *source, {}, ctx);
  return model;
}

class SampledSpeculation : public testing::Test {
 protected:
  SampledSpeculation() : target_(small_model(ctx_, 1)), draft_(small_model(ctx_, 2)) {}

  /// Probability of each token at the third place.
  std::vector<double> exact(const SamplingOptions& options) {
    const Sampler sampler(options);
    SamplerScratch scratch;
    std::vector<double> out(kVocabulary);
    const auto next = [&](const std::vector<TokenId>& reply) {
      KvCache cache(target_.network->kv_shape(KvFormat::kF32), 64, ctx_.shared_device());
      std::vector<TokenId> all = prompt_;
      all.insert(all.end(), reply.begin(), reply.end());
      Batch batch;
      cache.append(cache.create(), all, Logits::kLast, batch);
      const Tensor logits = to_host(target_.network->forward(batch, cache.storage(), ctx_));
      TokenHistory history = sampler.make_history();
      history.append_prompt(prompt_);
      for (const TokenId token : reply) history.push(token);
      Distribution d;
      sampler.process({logits.data<float>(), kVocabulary}, history, scratch, d);
      return d.candidates;
    };
    for (const auto& a : next({})) {
      for (const auto& b : next({a.id})) {
        for (const auto& c : next({a.id, b.id})) {
          out[static_cast<std::size_t>(c.id)] += a.probability * b.probability * c.probability;
        }
      }
    }
    return out;
  }

  /// Chi-square of the draws beyond its mean, in standard deviations; tokens that cannot come fail.
  double excess(SpeculationMode mode, const SamplingOptions& options,
                const std::vector<double>& want) {
    Generator generator(target_, ctx_, 60, KvFormat::kF32, {.mode = mode}, &draft_);
    std::vector<int> counts(kVocabulary);
    SpeculationStats stats;
    for (int i = 0; i < kDraws; ++i) {
      GenerateOptions generate{.sampling = options, .max_tokens = 4, .ignore_eos = true};
      generate.sampling.seed = test::seed() + static_cast<std::uint64_t>(i);
      const Generation g = generator.generate(prompt_, generate, {});
      ++counts[static_cast<std::size_t>(g.ids[2])];
      stats.add(g.speculation);
    }
    if (mode != SpeculationMode::kAuto) {
      EXPECT_GT(stats.accepted, kDraws / 50) << name(mode);
    }
    double chi_square = 0;
    int freedom = -1;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      const double expected = want[i] * kDraws;
      if (expected == 0) {
        EXPECT_EQ(counts[i], 0);
        continue;
      }
      chi_square += (counts[i] - expected) * (counts[i] - expected) / expected;
      ++freedom;
    }
    return (chi_square - freedom) / std::sqrt(2.0 * freedom);
  }

  Context ctx_{{.threads = 1, .dtype = DType::kF32}};
  Model target_, draft_;
  std::vector<TokenId> prompt_ = {3, 5, 7, 3, 5, 7, 3, 5, 9, 3, 5};
};

TEST_F(SampledSpeculation, DrawsFromTheModelsDistribution) {
  const std::map<std::string, SamplingOptions> all_options = {
      {"temperature", {.temperature = 1.0f}},
      {"low temperature", {.temperature = 0.5f}},
      {"top-k", {.temperature = 1.0f, .top_k = 4}},
      {"top-p", {.temperature = 1.0f, .top_p = 0.7f}},
      {"min-p", {.temperature = 1.0f, .min_p = 0.3f}},
      {"penalties",
       {.temperature = 1.0f,
        .repetition_penalty = 1.5f,
        .presence_penalty = 0.5f,
        .frequency_penalty = 0.5f}}};
  for (const auto& [what, options] : all_options) {
    const auto want = exact(options);
    for (const SpeculationMode mode :
         {SpeculationMode::kLookup, SpeculationMode::kSuffix, SpeculationMode::kDraft,
          SpeculationMode::kSelf, SpeculationMode::kAuto}) {
      // p = 0.001 lies at 4.3 deviations for 11 degrees of freedom, and higher for fewer.
      EXPECT_LT(excess(mode, options, want), 4.1) << name(mode) << ", " << what;
    }
  }
}

}  // namespace
}  // namespace pangu
