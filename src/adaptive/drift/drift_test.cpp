// SPDX-License-Identifier: Apache-2.0
#include "adaptive/drift/drift.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adaptive/drift/decisive.h"
#include "adaptive/explore/explore.h"
#include "adaptive/report/drift_report.h"
#include "adaptive/testing/made_up_profile.h"

namespace pangu::adaptive {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

const Variant kFast{"", "w8a8", ""};

/// A variant that was twice as fast as the original, and turns of both.
SpeedThenAndNow twice_as_fast(std::vector<double> own, std::vector<double> original) {
  return {
      {.prompt_tokens = 128,
       .prefill = 200,
       .decode = 20,
       .reference_prefill = 100,
       .reference_decode = 10},
      {.prefill = own, .decode = own, .reference_prefill = original, .reference_decode = original}};
}

SpeedThenAndNow original_speed(std::vector<double> prefill, std::vector<double> decode) {
  return {{.prompt_tokens = 128,
           .prefill = 100,
           .decode = 10,
           .reference_prefill = 100,
           .reference_decode = 10},
          {prefill, decode, prefill, decode}};
}

TEST(Drift, OnABusyMachineRatesMoveAndRatiosHold) {
  const SpeedThenAndNow own = original_speed({40, 50, 45}, {4, 5, 4.5});
  ProfileDrift drift;
  drift.variants = {compare_rates(own),
                    compare_ratios(kFast, twice_as_fast({9, 8, 11}, {4.5, 4, 5.4}), own)};
  EXPECT_FALSE(drift.rates_hold());
  EXPECT_TRUE(drift.ratios_hold());
  EXPECT_TRUE(drift.holds());
  EXPECT_DOUBLE_EQ(drift.ratio_spread(), (11 / 5.4) / 2);
  EXPECT_THAT(drift.drifted(), ElementsAre("original"));
  EXPECT_DOUBLE_EQ(drift.variants[0].figures[1].change(), 0.45);
  EXPECT_EQ(next_command(drift, "my model"), "pangu profile refresh 'my model' --only original");
  EXPECT_THAT(drift_text(drift, "m"), HasSubstr("holds as far as choices go"));
}

TEST(Drift, ARatioDriftsOnceItLiesBeyondAllTurnsAndTheMargin) {
  const SpeedThenAndNow own = original_speed({100}, {10});
  const auto ratio_now = [&](double low, double high) {
    return compare_ratios(kFast, twice_as_fast({low, high}, {1, 1}), own);
  };
  EXPECT_TRUE(ratio_now(1.9, 2.1).holds());
  EXPECT_TRUE(ratio_now(2 * (1 + kRatioMargin) - 0.01, 3).holds());
  EXPECT_FALSE(ratio_now(2 * (1 + kRatioMargin) + 0.01, 3).holds());
  EXPECT_TRUE(ratio_now(1, 2 / (1 + kRatioMargin) + 0.01).holds());
  EXPECT_FALSE(ratio_now(1, 2 / (1 + kRatioMargin) - 0.01).holds());
  ProfileDrift drift;
  drift.variants = {compare_rates(own), ratio_now(1, 1.2)};
  EXPECT_TRUE(drift.rates_hold());
  EXPECT_FALSE(drift.holds());
  EXPECT_EQ(next_command(drift, "m"), "pangu profile refresh m --only w8a8");
  EXPECT_THAT(drift_text(drift, "m"), HasSubstr("ratios to the original have drifted"));
  const Json json = drift_json(drift, "m");
  EXPECT_EQ(json["holds"], false);
  EXPECT_EQ(json["rates_hold"], true);
  EXPECT_EQ(json["variants"][1]["of"], "ratios");
  EXPECT_EQ(json["variants"][1]["figures"][1]["stored"], 2.0);
  EXPECT_EQ(json["next"], "pangu profile refresh m --only w8a8");
}

TEST(Drift, WhatHasNoTurnsBesideTheOriginalIsComparedWithItsOwn) {
  // Both do not fit into memory: the original was timed before, at half its stored speed.
  const SpeedThenAndNow own = original_speed({50}, {5});
  SpeedThenAndNow alone = twice_as_fast({}, {});
  alone.stored.reference_prefill = alone.stored.reference_decode = 0;
  alone.turns = {.prefill = {100, 104}, .decode = {10, 10.2}};
  const VariantDrift drift = compare_ratios(kFast, alone, own);
  EXPECT_DOUBLE_EQ(drift.figures[1].stored, 2);
  EXPECT_DOUBLE_EQ(drift.figures[1].low, 2);
  EXPECT_TRUE(drift.holds());
}

TEST(Drift, SaysWhichPartOfAnIdentityDiffers) {
  const ProfileIdentity stored{"sha256:a", {.processor = "P", .isa = "avx2", .threads = 2}, "0.1"};
  ProfileIdentity other = stored;
  other.machine.memory = 5;
  EXPECT_THAT(identity_differences(stored, other), IsEmpty());
  other.machine.threads = 1;
  other.engine = "0.2";
  ProfileDrift drift;
  drift.differences = identity_differences(stored, other);
  ASSERT_THAT(drift.differences, SizeIs(2));
  EXPECT_EQ(drift.differences[0].what, "machine");
  EXPECT_EQ(drift.differences[1].what, "engine");
  EXPECT_FALSE(drift.holds());
  EXPECT_EQ(next_command(drift, "m"), "pangu profile m --budget 2m");
  EXPECT_THAT(drift_text(drift, "m"), HasSubstr("0.2"));
  EXPECT_TRUE(drift_json(drift, "m")["ratios_hold"].is_null());
  drift.differences = {{"copy half", "sha256:b", "gone"}};
  EXPECT_EQ(next_command(drift, "m"), "pangu profile m --also half --budget 2m");
}

TEST(Drift, ChoicesHangOnWhatIsChosenAndWhatComesNext) {
  ProfileData data = test_data::made_up_profile();
  const std::int64_t best = test_data::add_variant(data, "w4a8-g64", 3, 0.3);
  const std::int64_t next = test_data::add_variant(data, "w8a8", 2, 0.5);
  const std::int64_t bad = test_data::add_variant(data, "q4_0", 4, 0.2);
  test_data::add_variant(data, "q8_0", 1.5, 0.8);
  for (const std::int64_t v : {best, next}) test_data::answer(data, v, test_data::kManyItems, 0);
  test_data::answer(data, bad, test_data::kManyItems, test_data::kManyItems / 2);
  const auto names = [&](const std::vector<Goal>& goals) {
    std::vector<std::string> out;
    for (const VariantFigures* v : decisive_variants(data, goals)) out.push_back(v->variant.name());
    return out;
  };
  EXPECT_THAT(names(default_goals()), ElementsAre("w4a8-g64", "w8a8"));
  EXPECT_THAT(names({}), IsEmpty());
  // The original is looked at in any case, and nothing else where nothing else will do.
  EXPECT_THAT(names({{Objective::kLatency, {.min_quality = 0.98, .max_memory = 1}}}), IsEmpty());
  EXPECT_THAT(names(default_goals()), Not(::testing::Contains("original")));
}

}  // namespace
}  // namespace pangu::adaptive
