// SPDX-License-Identifier: Apache-2.0
// Not how fast, which depends on the machine, but what is measured, of whom and in which turn.
#include "measure/speed_comparison.h"

#include <gmock/gmock.h>

#include "models/config/config_shapes.h"
#include "models/parameter_count.h"
#include "tests/support/model_fixture.h"

namespace pangu {
namespace {

using testing::HasSubstr;

std::unique_ptr<LanguageModel> tiny(std::vector<std::int64_t> widths, Context& ctx) {
  ModelConfig config = *named_shape("qwen3-0.6b");
  config.hidden_size = 64;
  config.n_layers = std::ssize(widths);
  config.n_heads = 4;
  config.n_kv_heads = 2;
  config.head_dim = 32;
  config.intermediate_size = std::move(widths);
  config.vocab_size = 300;
  const auto source = random_source(config, DType::kBF16, 1);
  return load_language_model(config, *source, {}, ctx);
}

TEST(SpeedComparison, EveryModelHasRatesCostsAndRatiosToTheFirst) {
  Context ctx({.threads = 1});
  const auto before = tiny({96, 96, 96}, ctx), after = tiny({96, 32}, ctx);
  const std::vector<SpeedSubject> models{{"before", before.get()}, {"after", after.get()}};
  const auto speeds = compare_speed(
      models, {.prompt_tokens = 33, .decode_tokens = 5, .batch = 2, .repetitions = 4}, ctx);
  ASSERT_EQ(speeds.size(), 2u);
  for (const ModelSpeed& s : speeds) {
    for (const Spread& spread :
         {s.prefill_tokens_per_s, s.decode_tokens_per_s, s.prefill_ratio, s.decode_ratio}) {
      EXPECT_GT(spread.min, 0) << s.name;
      EXPECT_LE(spread.min, spread.median);
      EXPECT_LE(spread.median, spread.max);
    }
  }
  EXPECT_EQ(speeds[0].decode_ratio.min, 1);
  EXPECT_EQ(speeds[0].prefill_ratio.max, 1);
  EXPECT_EQ(speeds[1].name, "after");
  EXPECT_EQ(speeds[1].parameters, parameter_count(after->config()).total());
  EXPECT_LT(speeds[1].weight_bytes, speeds[0].weight_bytes);
  // Fewer and narrower layers: a layer's 3 * 64 * (4 + 2 + 2 + 4) / 3 * 32 products for attention
  // and 3 * 64 for each neuron, two operations each.
  EXPECT_DOUBLE_EQ(speeds[0].decode_cost.product_ops - speeds[1].decode_cost.product_ops,
                   2.0 * (64 * 12 * 32 + 3 * 64 * (96 + 64)));
  EXPECT_LT(speeds[1].decode_cost.bytes(), speeds[0].decode_cost.bytes());
}

TEST(SpeedComparison, WhatIsNotAskedForIsLeftOut) {
  Context ctx({.threads = 1, .isa = Isa::kRef, .dtype = DType::kF32});
  const auto model = tiny({96}, ctx);
  const std::vector<SpeedSubject> models{{"a|b", model.get()}};
  std::vector<int64_t> progress;
  const auto speeds = compare_speed(
      models,
      {.prompt_tokens = 3,
       .decode_tokens = 0,
       .repetitions = 2,
       .progress = [&](std::string_view, int64_t done, int64_t) { progress.push_back(done); }},
      ctx);
  EXPECT_THAT(progress, testing::ElementsAre(0, 1, 2));
  EXPECT_GT(speeds[0].prefill_tokens_per_s.median, 0);
  EXPECT_EQ(speeds[0].decode_tokens_per_s.max, 0);
  const std::string text = speed_markdown(speeds);
  EXPECT_THAT(text, HasSubstr("| a\\|b | "));
  EXPECT_THAT(text, HasSubstr(" | \u2013 | \u2013 | \u2013 | \u2013 |\n"));
  const Json json = speed_json(speeds);
  EXPECT_EQ(json[0]["name"], "a|b");
  EXPECT_EQ(json[0]["prefill_ratio"]["median"], 1.0);
  EXPECT_EQ(json[0]["decode_ops_per_token"], 0.0);
}

TEST(SpeedComparison, NothingToMeasureIsRefused) {
  Context ctx({.threads = 1});
  PANGU_EXPECT_ERROR(compare_speed({}, {}, ctx), ConfigError, "[bench]", "no model");
  const auto model = tiny({96}, ctx);
  const std::vector<SpeedSubject> models{{"m", model.get()}};
  PANGU_EXPECT_ERROR(compare_speed(models, {.repetitions = 0}, ctx), ConfigError, "0 repetitions");
}

}  // namespace
}  // namespace pangu
