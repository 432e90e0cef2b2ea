// SPDX-License-Identifier: Apache-2.0
#include "adaptive/route/router.h"

#include <gtest/gtest.h>

#include <random>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

const BundleWay kSmall{"small", "", Thinking::kFast, SpeculationMode::kLookup, 1.0};
const BundleWay kLarge{"large", "", Thinking::kDefault, SpeculationMode::kOff, 2.0};
const BundleWay kMiddle{"middle", "int8", Thinking::kDefault, SpeculationMode::kOff, 1.5};

/// math is chosen small, and large would do; code needs large; chat is chosen middle, large too.
Bundle three_kinds() {
  Bundle b{.folder = "b", .default_weights = "large"};
  b.weights["small"] = {"weights/small", 100, 0.1, 1000};
  b.weights["middle"] = {"weights/middle", 200, 0.2, 1000};
  b.weights["large"] = {"weights/large", 400, 0.4, 500};
  BundleWay slow_large = kLarge;
  slow_large.answer_s = 1.6;
  b.kinds.push_back({"math", {kSmall, slow_large}});
  b.kinds.push_back({"code", {kLarge}});
  b.kinds.push_back({"chat", {kMiddle, kLarge}});
  return b;
}

Recognition sure(const std::string& kind) {
  return {.kind = kind, .likeliest = kind, .confidence = 0.9};
}
const Recognition kNobodyKnows{.kind = "unknown", .likeliest = "math", .confidence = 0.4};

TEST(Router, AConversationBeginsWithTheKindsOwnChoice) {
  const Route r = choose_route(three_kinds(), sure("math"), {});
  EXPECT_EQ(r.kind, "math");
  EXPECT_EQ(r.way, kSmall);
  EXPECT_TRUE(r.switches);
  EXPECT_EQ(r.switch_s, 0);
}

TEST(Router, WhatNobodyKnowsBeginsWithWhatKeepsMostKinds) {
  for (const Recognition& r : {kNobodyKnows, sure("translation")}) {
    const Route route = choose_route(three_kinds(), r, {});
    EXPECT_EQ(route.kind, "");
    EXPECT_EQ(route.way.weights, "large");
    EXPECT_EQ(route.way.thinking, Thinking::kDefault);
  }
  // Of equal ones the largest.
  Bundle two = three_kinds();
  two.kinds = {{"math", {kSmall}}, {"chat", {kMiddle}}};
  EXPECT_EQ(choose_route(two, kNobodyKnows, {}).way.weights, "middle");
  two.kinds.clear();
  EXPECT_EQ(choose_route(two, kNobodyKnows, {}).way.weights, "large") << "the default";
}

TEST(Router, AConversationStaysWhereAChangeCostsMoreThanItSaves) {
  const Running long_one{"code", "large", "", 4000};
  const Route stays = choose_route(three_kinds(), sure("math"), long_one);
  EXPECT_EQ(stays.way.weights, "large");
  EXPECT_EQ(stays.way.answer_s, 1.6) << "what large takes for math";
  EXPECT_FALSE(stays.switches);
  EXPECT_DOUBLE_EQ(stays.switch_s, 0.1 + 4000 / 1000.0);
  EXPECT_DOUBLE_EQ(stays.gain_s, 0.6);

  Running short_one = long_one;
  short_one.tokens = 400;  // 0.4 s to read, 0.1 s to load, 0.6 s saved
  const Route moves = choose_route(three_kinds(), sure("math"), short_one);
  EXPECT_EQ(moves.way, kSmall);
  EXPECT_TRUE(moves.switches);
  short_one.tokens = 550;
  EXPECT_FALSE(choose_route(three_kinds(), sure("math"), short_one).switches);
  EXPECT_TRUE(choose_route(three_kinds(), sure("math"), short_one, {{"small", ""}}).switches)
      << "what is loaded costs no load";
}

TEST(Router, AConversationLeavesWhatLosesQuality) {
  const Running running{"math", "small", "", 1'000'000};
  const Route r = choose_route(three_kinds(), sure("code"), running);
  EXPECT_EQ(r.way, kLarge);
  EXPECT_TRUE(r.switches);
  EXPECT_GT(r.switch_s, 1000);
}

TEST(Router, AnotherCacheIsAChangeToo) {
  const Running running{"chat", "middle", "", 10};
  const Route r = choose_route(three_kinds(), sure("chat"), running, {{"middle", ""}});
  EXPECT_TRUE(r.switches) << "middle without the int8 cache was not measured to keep the quality";
  EXPECT_DOUBLE_EQ(r.switch_s, 0.2 + 0.01) << "it is loaded anew with its cache";
  const Route back = choose_route(three_kinds(), sure("chat"), Running{"code", "large", "", 10},
                                  {{"middle", "int8"}});
  EXPECT_DOUBLE_EQ(back.switch_s, 0.01) << "with that cache it is there already";
}

TEST(Router, AMessageOfNoSureKindIsServedAsTheOneBefore) {
  const Running running{"chat", "large", "", 3000};
  const Route r = choose_route(three_kinds(), kNobodyKnows, running);
  EXPECT_EQ(r.kind, "chat");
  EXPECT_EQ(r.way, kLarge);
  EXPECT_FALSE(r.switches);
  const Running nobody_knows{"", "small", "", 0};
  const Route still = choose_route(three_kinds(), kNobodyKnows, nobody_knows);
  EXPECT_EQ(still.way.weights, "small");
  EXPECT_FALSE(still.switches);
}

TEST(Router, WhatRunsMustBeOfTheBundle) {
  EXPECT_THROW(choose_route(three_kinds(), sure("math"), Running{"math", "other", "", 1}),
               ConfigError);
}

/// Whatever happens: what answers keeps the quality for a kind that is known, and no change is made
/// for a gain that is smaller than its cost.
TEST(Router, NeverLosesQualityAndNeverPaysMoreThanItGains) {
  std::mt19937 random(test::seed());
  const Bundle bundle = three_kinds();
  const char* kinds[] = {"math", "code", "chat", "unknown"};
  const char* weights[] = {"small", "middle", "large"};
  for (int i = 0; i < 2000; ++i) {
    const std::string kind = kinds[random() % 4];
    const Running running{kinds[random() % 3], weights[random() % 3], random() % 2 ? "int8" : "",
                          static_cast<std::int64_t>(random() % 5000)};
    std::set<LoadedWay> loaded;
    for (const char* name : weights) {
      if (random() % 2) loaded.insert({name, random() % 2 ? "int8" : ""});
    }
    const Route r = choose_route(bundle, sure(kind), running, loaded);
    const BundleKind* served = bundle.kind(r.kind);
    ASSERT_TRUE(served);
    ASSERT_TRUE(served->way(r.way.weights, r.way.kv)) << kind << ' ' << r.way.weights;
    ASSERT_EQ(r.switches, r.way.weights != running.weights || r.way.kv != running.kv);
    if (r.switches && served->way(running.weights, running.kv)) {
      ASSERT_GT(r.gain_s, r.switch_s);
    }
    ASSERT_EQ(r, choose_route(bundle, sure(kind), running, loaded));
  }
}

}  // namespace
}  // namespace pangu::adaptive
