// SPDX-License-Identifier: Apache-2.0
// A small model's profile, looked at again and refreshed.
#include "adaptive/drift/recheck.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adaptive/explore/explore.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

class Recheck : public ::testing::Test {
 protected:
  void SetUp() override {
    if (test::shared_dir().empty()) GTEST_SKIP() << "the shared models are not here";
    laboratory_.model = test::shared_dir() / "models" / "stories260K";
    laboratory_.prompt_tokens = 8;
    laboratory_.decode_tokens = 4;
    laboratory_.many = 2;
  }

  /// A profile of speeds alone: any choice is one of speed and memory.
  std::int64_t profile(ProfileStore& store) {
    ExploreOptions options{.laboratory = laboratory_, .model_name = "stories", .engine = "test-1"};
    options.threads = 1;
    options.formats = {"w8a8"};
    options.goals = default_goals();
    return explore(options, store, ctx_).data.entry.id;
  }

  ProfileDrift recheck_now(const ProfileStore& store, std::int64_t id) {
    return recheck(store.load(id),
                   {.laboratory = laboratory_, .goals = default_goals(), .seconds = 0.2}, ctx_);
  }

  /// A hundred times as fast as it can be.
  static void spoil(ProfileStore& store, const VariantFigures& v) {
    std::vector<SpeedReading> readings = v.speed;
    for (SpeedReading& r : readings) r.decode *= 100;
    store.put_speed(v.id, *v.footprint, readings);
  }

  test::ScratchDir dir_;
  Context ctx_{{.threads = 1}};
  LaboratoryOptions laboratory_;
};

TEST_F(Recheck, FindsTheVariantThatDriftedAndRefreshMendsIt) {
  ProfileStore store(dir_ / "p.db", Access::kWrite);
  const std::int64_t id = profile(store);
  const ProfileData before = store.load(id);
  const VariantFigures w8a8 = before.variants.at(1);
  spoil(store, w8a8);
  const ProfileDrift drift = recheck_now(store, id);
  EXPECT_THAT(drift.drifted(), Contains("w8a8"));
  EXPECT_FALSE(drift.holds());
  EXPECT_EQ(drift.machine.size(), 2u);
  EXPECT_EQ(drift.variants.front().variant.name(), "original");
  EXPECT_GT(drift.measured_s, 0);

  const RefreshResult result =
      refresh_speeds(store, id, {.laboratory = laboratory_, .only = {"w8a8"}}, ctx_);
  ASSERT_EQ(result.speeds.size(), 1u);
  EXPECT_EQ(result.speeds[0].before.decode, 100 * w8a8.speed[0].decode);
  const ProfileData after = store.load(id);
  EXPECT_EQ(after.original()->speed, before.original()->speed) << "nobody asked for it";
  EXPECT_EQ(after.variants[1].speed.size(), 2u);
  EXPECT_EQ(after.variants[1].speed[1].prompt_tokens, w8a8.speed[1].prompt_tokens);
  EXPECT_EQ(result.speeds[0].after.prompt_tokens, w8a8.speed[0].prompt_tokens);
  EXPECT_LT(result.speeds[0].after.decode, 10 * w8a8.speed[0].decode);
}

TEST_F(Recheck, RefreshTakesAllOrStopsInTime) {
  ProfileStore store(dir_ / "p.db", Access::kWrite);
  const std::int64_t id = profile(store);
  std::vector<std::string> pieces;
  const auto piece = [&](const std::string& what) { pieces.push_back(what); };
  EXPECT_EQ(refresh_speeds(store, id, {.laboratory = laboratory_}, ctx_, piece).speeds.size(), 2u);
  EXPECT_THAT(pieces,
              ElementsAre("the machine", "original: speed and memory", "w8a8: speed and memory"));
  const RefreshResult none =
      refresh_speeds(store, id, {.laboratory = laboratory_, .budget_s = 0}, ctx_);
  EXPECT_THAT(none.left_out, ElementsAre("original", "w8a8"));
  PANGU_EXPECT_ERROR(refresh_speeds(store, id, {.laboratory = laboratory_, .only = {"q4_k"}}, ctx_),
                     ConfigError, "q4_k", "original, w8a8");
}

TEST_F(Recheck, CopiesWithOtherWeightsAreADifference) {
  ProfileStore store(dir_ / "p.db", Access::kWrite);
  const std::int64_t id = profile(store);
  const ProfileData data = store.load(id);
  const Variant copy{dir_ / "copy", "", ""};
  const std::int64_t v = store.put_variant(id, copy, "sha256:other");
  // Smaller and faster than anything else, so that choices hang on it.
  Footprint small = *data.original()->footprint;
  small.resident_bytes = small.weight_bytes = 1;
  std::vector<SpeedReading> readings = data.original()->speed;
  for (SpeedReading& r : readings) r.decode = r.prefill = 1e9;
  store.put_speed(v, small, readings);
  const ProfileDrift drift = recheck_now(store, id);
  ASSERT_EQ(drift.differences.size(), 1u);
  EXPECT_EQ(drift.differences[0].what, "copy " + copy.source.string());
  EXPECT_FALSE(drift.holds());
  PANGU_EXPECT_ERROR(refresh_speeds(store, id, {.laboratory = laboratory_}, ctx_), ConfigError,
                     "copy", "--also");
}

TEST_F(Recheck, NearestIsTheSameModelThenTheSameName) {
  ProfileStore store(dir_ / "p.db", Access::kWrite);
  ProfileIdentity wanted{"sha256:a", {.processor = "P", .threads = 1}, "1"};
  EXPECT_FALSE(nearest_entry(store, wanted, "m"));
  ProfileIdentity other_weights = wanted;
  other_weights.model = "sha256:b";
  store.open(other_weights, "m");
  EXPECT_EQ(nearest_entry(store, wanted, "m")->identity.model, "sha256:b");
  EXPECT_FALSE(nearest_entry(store, wanted, "n"));
  ProfileIdentity other_engine = wanted;
  other_engine.engine = "2";
  store.open(other_engine, "n");
  EXPECT_EQ(nearest_entry(store, wanted, "m")->identity.engine, "2");
  store.open(wanted, "n");
  EXPECT_EQ(nearest_entry(store, wanted, "m")->identity.engine, "1");
}

TEST_F(Recheck, AProfileWithoutTheOriginalIsRefused) {
  ProfileStore store(dir_ / "p.db", Access::kWrite);
  const std::int64_t id = store.open({"sha256:a", {}, "1"}, "m");
  PANGU_EXPECT_ERROR(recheck_now(store, id), ConfigError, "no speed of the original");
}

}  // namespace
}  // namespace pangu::adaptive
