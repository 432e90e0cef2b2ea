// SPDX-License-Identifier: Apache-2.0
// Training on made-up outcomes; that of a model is tests/cli/thinking_auto_test.cpp's.
#include "adaptive/thinking/train_thinking.h"

#include <gtest/gtest.h>

#include <random>

#include "adaptive/explore/built_in_tasks.h"
#include "adaptive/intent/features/text_features.h"
#include "adaptive/thinking/thinking_chooser.h"
#include "adaptive/thinking/thinking_head.h"
#include "adaptive/thinking/thinking_report.h"
#include "adaptive/thinking/threshold.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

ThinkingTrainOptions made_thinking_options() {
  ThinkingTrainOptions options;
  options.head.blocks = kSurfaceBlock;
  options.head.lambdas = thinking_lambdas();
  if (test::takes_fewer()) options.head.lambdas = {1e-3, 1};
  return options;
}

/// Of `n` items every other one is hard: there slow alone is right, elsewhere fast is right, too,
/// or alone. The first surface feature tells which are hard, others are noise.
struct MadeItems {
  ThinkingItems items{.tasks = {"made"}, .outcomes = {}, .requests = {}};
  std::vector<Features> features;

  explicit MadeItems(int n, double distance = 4) {
    std::mt19937_64 random(test::seed());
    std::normal_distribution<float> normal;
    for (int i = 0; i < n; ++i) {
      const bool hard = i % 2 == 0;
      items.outcomes.push_back({.task = 0,
                                .fast_right = !hard,
                                .slow_right = hard || i % 4 == 1,
                                .fast_tokens = 10,
                                .slow_tokens = 40});
      items.requests.push_back({.text = "request " + std::to_string(i), .context = {}});
      Features f;
      for (std::size_t k = 0; k < kSurfaceFeatures; ++k) f.surface.push_back(normal(random));
      if (hard) f.surface[0] += static_cast<float>(distance);
      features.push_back(std::move(f));
    }
  }

  TrainedThinking train(const ThinkingTrainOptions& options) const {
    ThreadPool threads(2);
    return train_thinking_head(items, features, options, 8, threads);
  }
};

TEST(TrainThinking, ThinksWhereTheOutcomesSayThatItPays) {
  const MadeItems made(200);
  const TrainedThinking trained = made.train(made_thinking_options());
  EXPECT_EQ(trained.only_slow, 100);
  EXPECT_EQ(trained.only_fast, 50);
  EXPECT_FALSE(never_thinks(trained.head));
  EXPECT_FALSE(always_thinks(trained.head));
  EXPECT_GE(trained.score.automatic_ratio.accuracy, 0.95);
  EXPECT_LT(trained.score.automatic_ratio.tokens,
            0.65);  // the oracle, which keeps all, needs 0.625
  EXPECT_EQ(trained.score.oracle.tokens, 100 * 40 + 100 * 10);
  EXPECT_EQ(trained.of_tasks.size(), 1u);
  // The head as it is written thinks about hard items: as many as keep the share, beside the fifty
  // that only answering at once has right.
  int hard = 0, easy = 0;
  for (std::size_t i = 0; i < made.features.size(); ++i) {
    const ThinkingOdds odds =
        thinking_odds(trained.head, trained.head.probabilities(made.features[i]));
    if (odds.score() >= trained.head.threshold) ++(i % 2 == 0 ? hard : easy);
  }
  EXPECT_GE(hard, 40);
  EXPECT_LE(easy, 5);
}

TEST(TrainThinking, ProbabilitiesKnowHowOftenThinkingPays) {
  const MadeItems made(400, 0);  // nothing tells the hard ones
  const TrainedThinking trained = made.train(made_thinking_options());
  double gain = 0, loss = 0;
  for (const Features& f : made.features) {
    const ThinkingOdds odds = thinking_odds(trained.head, trained.head.probabilities(f));
    gain += odds.gain / 400;
    loss += odds.loss / 400;
  }
  EXPECT_NEAR(gain, 0.5, 0.05);
  EXPECT_NEAR(loss, 0.25, 0.05);
}

TEST(TrainThinking, AModelWhoseFastModeIsNeverWorseAlwaysAnswersFast) {
  MadeItems made(40);
  for (ThinkingOutcome& o : made.items.outcomes) o.fast_right = true;
  const TrainedThinking trained = made.train(made_thinking_options());
  EXPECT_TRUE(never_thinks(trained.head));
  EXPECT_EQ(trained.score.automatic.slow, 0);
  EXPECT_EQ(thinking_report_json(trained, made.items, 0.98)["decides"], "always fast");
  EXPECT_NE(thinking_report_text(trained, made.items, 0.98).find("always answers fast"),
            std::string::npos);
}

TEST(TrainThinking, WhatShowsInTooFewItemsIsNotLearnt) {
  MadeItems made(40);
  for (ThinkingOutcome& o : made.items.outcomes) o.fast_right = o.slow_right = true;
  made.items.outcomes[7].fast_right = false;
  ThinkingTrainOptions most = made_thinking_options();
  most.keep = 0.97;
  const TrainedThinking trained = made.train(most);
  EXPECT_TRUE(trained.tried.empty());
  const ThinkingOdds odds =
      thinking_odds(trained.head, trained.head.probabilities(made.features[3]));
  EXPECT_NEAR(odds.gain, 1.0 / 40, 1e-4);
  EXPECT_NEAR(odds.loss, 0, 1e-4);
  EXPECT_TRUE(never_thinks(trained.head));  // 39 are more than 0.97 of 40
  ThinkingTrainOptions all = made_thinking_options();
  all.keep = 1;
  EXPECT_TRUE(always_thinks(made.train(all).head));
}

TEST(TrainThinking, RefusesWhatItCannotLearnFrom) {
  MadeItems made(4);
  PANGU_EXPECT_ERROR(made.train(made_thinking_options()), InputError, "4 items for 5 folds");
  made.features.pop_back();
  PANGU_EXPECT_ERROR(made.train(made_thinking_options()), ShapeError, "3 features");
  Head head = constant_thinking_head({});
  require_thinking_head(head, "p");
  head.classes = {"math", "code"};
  PANGU_EXPECT_ERROR(require_thinking_head(head, "p.safetensors"), ConfigError, "p.safetensors",
                     "slow, fast and either");
}

TEST(TrainThinking, AHeadTakesThePlaceOfItsNameAlone) {
  Head kind = constant_thinking_head({});
  kind.name = "kind";
  Probe probe{.heads = {kind}};
  put_head(probe, constant_thinking_head({0.1, 0}));
  put_head(probe, constant_thinking_head({0.2, 0}));
  ASSERT_EQ(probe.heads.size(), 2u);
  EXPECT_EQ(probe.heads[0].bias, kind.bias);
  EXPECT_EQ(probe.heads[1].bias, constant_thinking_head({0.2, 0}).bias);
}

TEST(ThinkingDecisions, SayWhatTheyRestOn) {
  const ThinkingDecision slow{
      .thinking = Thinking::kSlow, .odds = ThinkingOdds{0.125, 0.03}, .threshold = 0.51};
  EXPECT_EQ(thinking_text(slow),
            "slow: slow is right where fast is not in 12.5 % of such prompts, fast where slow is "
            "not in 3.0 %");
  EXPECT_EQ(thinking_json(slow)["mode"], "slow");
  EXPECT_DOUBLE_EQ(thinking_json(slow)["score"].get<double>(), (1 + 0.125 - 0.03) / 2);
  const ThinkingDecision fixed{.thinking = Thinking::kFast, .odds = {}, .threshold = 2};
  EXPECT_EQ(thinking_text(fixed), "fast, as for every prompt of this model");
  EXPECT_TRUE(thinking_json(fixed)["score"].is_null());
}

TEST(BuiltInTasks, AskForLevelsSeedsAndRepliesInPlaceOfChoices) {
  const auto usual = built_in_tasks({.items = 6});
  ASSERT_EQ(usual.size(), 4u);
  const auto written = built_in_tasks({.items = 6, .levels = {1, 2}, .seed = 5, .written = true});
  ASSERT_EQ(written.size(), 8u);
  for (const KindTask& task : written) {
    EXPECT_FALSE(std::holds_alternative<std::vector<eval::ChoiceRow>>(task.data.rows));
    EXPECT_EQ(std::ssize(lines_of(task.data)), 6);
  }
  EXPECT_EQ(written[4].kind, "knowledge");
  EXPECT_EQ(written[4].name, "generated knowledge, level 1");
  const auto rows = std::get<std::vector<eval::MatchRow>>(written[4].data.rows);
  // One of the options, without the blank that joins it to the prompt.
  EXPECT_NE(rows[0].prompt.find(rows[0].answer), std::string::npos) << rows[0].prompt;
  EXPECT_NE(rows[0].answer.front(), ' ');
  const auto other = built_in_tasks({.items = 6, .levels = {1, 2}, .seed = 6, .written = true});
  EXPECT_NE(written[4].digest, other[4].digest);
}

}  // namespace
}  // namespace pangu::adaptive
