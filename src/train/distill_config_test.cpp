// SPDX-License-Identifier: Apache-2.0
// What pangu distill asks of a training run when it is asked for nothing special.
#include "train/distill_config.h"

#include <gtest/gtest.h>

#include "tests/support/support.h"

namespace pangu {
namespace {

DistillSettings settings() {
  const std::string models = (test::shared_dir() / "models").string();
  return {.teacher = models + "/pangu-embedded-tiny",
          .student = models + "/stories260K",
          .data = {"a.jsonl", "b.txt"},
          .validation = {},
          .output = "out"};
}

TEST(DistillConfig, DefaultsAreThoseOfTheMethod) {
  PANGU_NEEDS_SHARED_DATA();
  const TrainConfig c = distill_config(settings());
  EXPECT_EQ(c.from->filename(), "stories260K");
  EXPECT_EQ(c.tokenizer, *c.from);
  EXPECT_EQ(c.train.size(), 2u);
  EXPECT_EQ(c.loss_on, LossOn::kAssistant);
  EXPECT_EQ(c.packing.length, 512) << "as far as the student reaches";
  EXPECT_EQ(c.rows * c.accumulate, 32);
  EXPECT_EQ(c.optimizer.adamw.beta1, 0.9);
  EXPECT_EQ(c.optimizer.adamw.beta2, 0.999);
  EXPECT_EQ(c.optimizer.adamw.eps, 1e-6);
  EXPECT_EQ(c.optimizer.weight_decay, 0.01);
  EXPECT_EQ(c.clip_norm, 1);
  EXPECT_EQ(c.schedule.kind, Schedule::Kind::kLinear);
  EXPECT_EQ(c.schedule.peak, 5e-5);
  EXPECT_EQ(c.schedule.min_ratio, 0);
  EXPECT_EQ(c.epochs, 2);
  ASSERT_TRUE(c.distill);
  EXPECT_EQ(c.distill->teacher.filename(), "pangu-embedded-tiny");
  EXPECT_EQ(c.distill->mix.temperature, 2.0f);
  EXPECT_EQ(c.distill->mix.kl, 1.0f);
  EXPECT_EQ(c.distill->mix.ce, 0.0f);
  EXPECT_EQ(c.distill->hidden_weight, 0);
  EXPECT_FALSE(c.distill->cache);
}

TEST(DistillConfig, SettingsAndOverridesReplaceThem) {
  PANGU_NEEDS_SHARED_DATA();
  DistillSettings s = settings();
  s.steps = 9;
  s.length = 128;
  s.cache = "words";
  s.top_k = 64;
  s.overrides = {"schedule.kind=cosine", "schedule.warmup_steps=3", "data.loss_on=all"};
  const TrainConfig c = distill_config(s);
  EXPECT_FALSE(c.epochs);
  EXPECT_EQ(c.schedule.steps, 9);
  EXPECT_EQ(c.schedule.warmup_steps, 3);
  EXPECT_EQ(c.packing.length, 128);
  EXPECT_EQ(c.loss_on, LossOn::kAll);
  EXPECT_EQ(c.distill->cache, "words");
  EXPECT_EQ(c.distill->top_k, 64);
  s.overrides = {"distill.temprature=3"};
  PANGU_EXPECT_ERROR(distill_config(s), ConfigError, "distill.temperature");
  s.overrides.clear();
  s.length = 513;
  PANGU_EXPECT_ERROR(distill_config(s), ConfigError, "513", "512 positions");
  s.teacher = "nowhere";
  s.length.reset();
  PANGU_EXPECT_ERROR(distill_config(s), FileError, "nowhere");
}

}  // namespace
}  // namespace pangu
