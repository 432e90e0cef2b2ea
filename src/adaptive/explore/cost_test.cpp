// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/cost.h"

#include <gtest/gtest.h>

#include "adaptive/explore/explore.h"
#include "adaptive/report/cost_report.h"
#include "adaptive/testing/made_up_profile.h"

namespace pangu::adaptive {
namespace {

/// A profile whose original answered nothing yet, and what else is tried.
struct CostCase {
  ProfileData data;
  Scope scope;
  CostInputs inputs;

  CostCase() {
    data.tasks = {{.id = 1, .kind = "math", .name = "m", .digest = "d", .items = 100}};
    test_data::add_variant(data, "", 1, 1);
    add_unmeasured("w8a8");
    scope.variants = {1, 2};
    scope.goals = {{Objective::kLatency, {}}};
    inputs.load_s = 2;
    inputs.pack_s["w8a8"] = 3;
    inputs.items[1] = {.prompt = 100, .reply_low = 40, .reply = 50, .reply_high = 60};
    inputs.divergence_tokens = 1000;
    inputs.divergence_logits = 1e6;
  }
  void add_unmeasured(const std::string& format) {
    data.variants.push_back({.id = std::ssize(data.variants) + 1, .variant = {"", format, ""}});
  }
  CostEstimate estimate() const { return estimate_cost(data, scope, inputs); }
};

TEST(Cost, IsAnIntervalAroundWhatIsLikely) {
  const CostEstimate cost = CostCase().estimate();
  EXPECT_GT(cost.low_s, 0);
  EXPECT_LT(cost.low_s, cost.about_s);
  EXPECT_LT(cost.about_s, cost.high_s);
}

TEST(Cost, CountsThePiecesOfOneVariant) {
  // 100 tokens of prompts and 10 of replies per second; without tasks only speed is measured:
  // loading 2 s, packing 3 s, and a round of two sides for each of two readings, which take so
  // long that there is no second one. One: 128 / 100 + 16 / 10; many, at no more tokens a second
  // in all: 16 * 8 / 100 + 16 * 8 / 10.
  CostCase c;
  c.data.tasks.clear();
  c.scope.divergence = false;
  c.scope.speculation.clear();
  const double readings = 2 * (1.28 + 1.6) + 2 * (1.28 + 12.8);
  EXPECT_NEAR(c.estimate().about_s, 2 + 3 + readings, 1e-9);
  // Another cache of the same weights needs no loading.
  c.data.variants.push_back({.id = 3, .variant = {"", "w8a8", "int8"}});
  c.scope.variants.push_back(3);
  EXPECT_NEAR(c.estimate().about_s, 2 + 3 + 2 * readings, 1e-9);
  c.scope.divergence = true;  // the original's pass, and one of each
  EXPECT_NEAR(c.estimate().about_s, 2 + 3 + 2 * readings + 3 * (10 + 0.004), 1e-9);
}

TEST(Cost, GrowsWithItemsTokensGoalsAndProgramsAndShrinksWithWhatIsKnown) {
  const auto with = [](const auto& change) {
    CostCase c;
    c.add_unmeasured("q8_0");  // more than races need
    c.scope.variants.push_back(3);
    change(c);
    return c.estimate().about_s;
  };
  const double before = with([](CostCase&) {});
  EXPECT_GT(with([](CostCase& c) { c.data.tasks[0].items = 200; }), before);
  EXPECT_GT(with([](CostCase& c) { c.inputs.items[1].reply = 90; }), before);
  EXPECT_GT(with([](CostCase& c) { c.inputs.items[1].program_s = 1; }), before);
  EXPECT_GT(with([](CostCase& c) { c.scope.goals = default_goals(); }), before);
  EXPECT_GT(with([](CostCase& c) { c.scope.exhaustive = true; }), before);
  EXPECT_GT(with([](CostCase& c) { c.scope.speculation = {SpeculationMode::kAuto}; }), before);
  EXPECT_GT(with([](CostCase& c) { c.inputs.carries_out = true; }), before);
  EXPECT_LT(with([](CostCase& c) { test_data::answer(c.data, 1, 100, 0); }), before);
}

TEST(Cost, OfNothingIsNothing) {
  CostCase c;
  c.data = test_data::made_up_profile();
  c.scope.variants = {1};
  EXPECT_EQ(c.estimate(), CostEstimate{});
}

TEST(Cost, IsToldRoughly) {
  EXPECT_EQ(cost_text({4.04, 31.4, 200}), "about 31 s (4.0 s to 3.3 min)");
  EXPECT_EQ(took_text(100, CostEstimate{1, 6000, 9000}),
            "1.7 min, where about 1.7 h were expected");
  EXPECT_EQ(took_text(100, std::nullopt), "1.7 min");
  const Json json = run_json(CostEstimate{1, 2, 3}, 4, true, 5);
  EXPECT_EQ(json["expected_s"]["about"], 2.0);
  EXPECT_EQ(json["seconds"], 4.0);
  EXPECT_TRUE(run_json(std::nullopt, 4, true, 5)["expected_s"].is_null());
}

}  // namespace
}  // namespace pangu::adaptive
