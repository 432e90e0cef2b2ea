// SPDX-License-Identifier: Apache-2.0
#include "adaptive/route/decision_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

using ::testing::HasSubstr;

Bundle logged_bundle() {
  Bundle b{.folder = "b", .id = "0123", .default_weights = "w8a8"};
  b.weights["w8a8"] = {"weights/w8a8", 100, 0.1, 1000};
  b.weights["w4a8"] = {"weights/w4a8", 60, 0.1, 1000};
  b.kinds.push_back({"math", {{"w4a8", "int8", Thinking::kFast, SpeculationMode::kAuto, 1}}});
  b.kinds.push_back({"code", {{"w8a8", "", Thinking::kDefault, SpeculationMode::kOff, 1}}});
  return b;
}

RouteRecord decision(const Bundle& bundle, const std::string& kind,
                     const std::optional<Running>& running = {}) {
  RouteRecord r{.time = "2026-11-30T18:00:00Z",
                .bundle = bundle.id,
                .recognised = {.kind = kind, .likeliest = "math", .confidence = 0.75},
                .running = running,
                .loaded = {{"w8a8", ""}}};
  r.route = choose_route(bundle, r.recognised, running, r.loaded);
  return r;
}

TEST(DecisionLog, ReadsBackWhatWasWritten) {
  for (const std::optional<Running>& running :
       {std::optional<Running>(), std::optional<Running>(Running{"code", "w8a8", "", 77})}) {
    const RouteRecord r = decision(logged_bundle(), "math", running);
    const RouteRecord read = parse_route(route_json(r), "f");
    EXPECT_EQ(read.time, r.time);
    EXPECT_EQ(read.running, r.running);
    EXPECT_EQ(read.loaded, r.loaded);
    EXPECT_EQ(read.route, r.route);
    EXPECT_EQ(route_json(read), route_json(r));
  }
}

TEST(DecisionLog, DecisionsAreMadeAgainFromTheirRecord) {
  const test::ScratchDir dir;
  const auto file = dir / "d.jsonl";
  const Bundle bundle = logged_bundle();
  append_route(file, decision(bundle, "math"));
  append_route(file, decision(bundle, "unknown", Running{"math", "w4a8", "int8", 12}));
  Bundle other = bundle;
  other.id = "4567";
  append_route(file, decision(other, "code"));
  const RouteReplay replay = replay_routes(file, bundle);
  EXPECT_EQ(replay.same, 2);
  EXPECT_EQ(replay.of_others, 1);
  EXPECT_EQ(replay.cut, 0);

  RouteRecord wrong = decision(bundle, "math");
  wrong.route.way.weights = "w8a8";
  append_route(file, wrong);
  try {
    replay_routes(file, bundle);
    FAIL() << "a decision that comes out otherwise was passed over";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("d.jsonl:4: w8a8 was decided, and now it would be w4a8"));
  }
}

TEST(DecisionLog, ALineThatWasCutOffHarmsNoOther) {
  const test::ScratchDir dir;
  const auto file = dir / "d.jsonl";
  test::write_file(file, "{\"time\": \"2026-11-");
  append_route(file, decision(logged_bundle(), "math"));
  const RouteReplay replay = replay_routes(file, logged_bundle());
  EXPECT_EQ(replay.same, 1);
  EXPECT_EQ(replay.cut, 1);
  test::write_file(file, "");
  EXPECT_EQ(replay_routes(file, logged_bundle()).same, 0) << "nothing was decided yet";
}

TEST(DecisionLog, TwoWritersMixNoLines) {
  const test::ScratchDir dir;
  const auto file = dir / "d.jsonl";
  const Bundle bundle = logged_bundle();
  const auto write = [&] {
    for (int i = 0; i < 100; ++i) append_route(file, decision(bundle, i % 2 ? "math" : "code"));
  };
  std::thread other(write);
  write();
  other.join();
  EXPECT_EQ(replay_routes(file, bundle).same, 200);
}

TEST(DecisionLog, RefusesWhatIsNoRecord) {
  const test::ScratchDir dir;
  const auto file = dir / "d.jsonl";
  test::write_file(file, "{\"time\": \"now\"}\n");
  EXPECT_THROW(replay_routes(file, logged_bundle()), ConfigError);
  Json json = route_json(decision(logged_bundle(), "math"));
  json["recognised"]["confidence"] = 2;
  EXPECT_THROW(parse_route(json, "f"), ConfigError);
  EXPECT_THROW(append_route(dir / "no" / "d.jsonl", decision(logged_bundle(), "math")), FileError);
}

TEST(DecisionLog, TextSaysWhatAndWhy) {
  const RouteRecord r = decision(logged_bundle(), "math", Running{"code", "w8a8", "", 77});
  EXPECT_EQ(route_text(r.recognised, r.route),
            "math (75% sure): w4a8, kv int8, thinking fast, 1.00 s an answer expected; what runs "
            "is not known to keep the quality for this kind (a change takes 177 ms and saves "
            "nothing)");
}

}  // namespace
}  // namespace pangu::adaptive
