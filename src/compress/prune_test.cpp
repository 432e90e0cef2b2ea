// SPDX-License-Identifier: Apache-2.0
// Whole runs on a small model: what they leave, how they go on, and what they refuse.
#include "compress/prune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <numeric>

#include "compress/prune_state.h"
#include "compress/testing/small_model.h"
#include "models/parameter_count.h"

namespace pangu::compress {
namespace {

namespace fs = std::filesystem;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

class PruneTest : public ::testing::Test {
 protected:
  PruneTest() { test::write_model(scratch_ / "model", test::small_config(), ctx_); }

  /// Methods that need no text, so that the model needs no tokenizer.
  PruneOptions options(const char* method = "magnitude", Unit unit = Unit::kNeurons) {
    PruneOptions o;
    o.in = scratch_ / "model";
    o.out = scratch_ / "out";
    o.method = method;
    o.unit = unit;
    o.ratio = 0.5;
    o.align = unit == Unit::kNeurons ? std::optional<std::int64_t>(8) : std::nullopt;
    return o;
  }

  PruneResult prune(const PruneOptions& o, const PruneHooks& hooks = {}) {
    return prune_checkpoint(o, hooks, ctx_);
  }

  template <class E>
  std::string refusal(const PruneOptions& o) {
    try {
      prune(o);
    } catch (const E& error) {
      return error.what();
    }
    return "nothing was refused";
  }

  Context ctx_ = test::make_context();
  test::ScratchDir scratch_;
  TokenBatch text_ = test::random_text(70, 1, 16).front();
};

TEST_F(PruneTest, LeavesASmallerModelThatSaysHowItWasMade) {
  const PruneResult result = prune(options());
  ASSERT_EQ(result.rounds.size(), 2u);
  EXPECT_THAT(result.rounds[0].kept, Each(56));
  EXPECT_THAT(result.rounds[1].kept, Each(24)) << "28, in multiples of 8";
  const test::SmallModel model(scratch_ / "out");
  EXPECT_THAT(model.config.intermediate_size, Each(24));
  EXPECT_EQ(model.config.pruning_config["method"], "magnitude");
  EXPECT_EQ(model.config.pruning_config["sizes"], (Json{24, 24, 24, 24}));
  EXPECT_EQ(result.rounds[1].parameters, parameter_count(model.config).total());
  EXPECT_FALSE(model.logits(text_, ctx_).empty());
  EXPECT_FALSE(fs::exists(scratch_ / "out/rounds"));
}

TEST_F(PruneTest, KeptNeuronsAreTheLargestAndStayInOrder) {
  prune(options());
  const test::SmallModel before(scratch_ / "model"), after(scratch_ / "out");
  const LayerEvidence e = weigh(before.config, Unit::kNeurons, 2, *before.source, ctx_.threads());
  const Kept kept = highest(kMagnitudeMethod.neurons(e, {}), 24);
  const auto up = [&](const test::SmallModel& model) {
    return read_matrix(*model.source, tensor_of(model.config, TensorRole::kUp, 2), ctx_.threads());
  };
  const std::vector<float> all = up(before), left = up(after);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_TRUE(std::equal(left.begin() + static_cast<std::ptrdiff_t>(i) * 40,
                           left.begin() + static_cast<std::ptrdiff_t>(i + 1) * 40,
                           all.begin() + kept[i] * 40));
  }
}

TEST_F(PruneTest, RoundsShrinkStepByStep) {
  PruneOptions o = options();
  o.rounds = 3;
  o.keep_rounds = true;
  const PruneResult result = prune(o);
  std::vector<std::int64_t> kept;
  for (const RoundResult& r : result.rounds) kept.push_back(r.kept.front());
  EXPECT_THAT(kept, ElementsAre(56, 40, 32, 24));
  for (const char* round : {"round-1", "round-2", "round-3"}) {
    EXPECT_TRUE(fs::exists(scratch_ / "out/rounds" / round / "config.json")) << round;
  }
}

TEST_F(PruneTest, HeadsLayersChannelsAndWeights) {
  const auto run = [&](const char* method, Unit unit, double ratio) {
    PruneOptions o = options(method, unit);
    o.ratio = ratio;
    o.align.reset();
    if (unit == Unit::kChannels) o.align = 8;
    fs::remove_all(o.out);
    prune(o);
    return test::SmallModel(o.out).config;
  };
  EXPECT_EQ(run("magnitude", Unit::kHeads, 0.34).n_kv_heads, 2);
  EXPECT_EQ(run("random", Unit::kHeads, 0.67).n_heads, 2);
  EXPECT_EQ(run("random", Unit::kLayers, 0.5).n_layers, 2);
  EXPECT_EQ(run("magnitude", Unit::kChannels, 0.2).hidden_size, 32);
  EXPECT_EQ(run("magnitude", Unit::kWeights, 0.5).hidden_size, 40);
}

TEST_F(PruneTest, GlobalAllocationGivesLayersTheirOwnSizes) {
  PruneOptions o = options();
  o.allocation = Allocation::kGlobal;
  const PruneResult result = prune(o);
  const auto& kept = result.rounds[1].kept;
  EXPECT_EQ(std::accumulate(kept.begin(), kept.end(), std::int64_t{0}), 4 * 24);
  EXPECT_EQ(test::SmallModel(scratch_ / "out").config.intermediate_size, kept);
}

TEST_F(PruneTest, AMaskGivesTheAnswersOfTheCut) {
  prune(options());
  const auto cut = test::SmallModel(scratch_ / "out").logits(text_, ctx_);
  fs::remove_all(scratch_ / "out");
  PruneOptions o = options();
  o.mask = true;
  const PruneResult result = prune(o);
  EXPECT_EQ(result.rounds[0].parameters, result.rounds[1].parameters);
  const auto masked = test::SmallModel(scratch_ / "out").logits(text_, ctx_);
  EXPECT_LT(test::largest_difference(cut, masked), 1e-5);
}

/// Stops wherever it is told to, at every place in turn, and goes on from there.
TEST_F(PruneTest, AnInterruptedRunEndsAsAnUninterruptedOne) {
  PruneOptions o = options("random");
  o.rounds = 3;
  PruneHooks hooks;
  hooks.improve = [&](std::int64_t, const fs::path& student, const fs::path& out) {
    fs::remove_all(out);
    fs::copy(student, out);
  };
  hooks.measure = [](std::int64_t round, const fs::path&) { return Json{{"round", round}}; };
  prune(o, hooks);
  const auto want = test::SmallModel(scratch_ / "out").logits(text_, ctx_);

  o.out = scratch_ / "stopped";
  o.resume = true;
  int calls = 0, stops = 0;
  const auto count = [&](int every) {
    if (++calls % every == 0) throw Cancelled("stop");
  };
  PruneHooks stopping = hooks;
  stopping.improve = [&](std::int64_t round, const fs::path& student, const fs::path& out) {
    count(4);
    hooks.improve(round, student, out);
    count(4);
  };
  stopping.measure = [&](std::int64_t round, const fs::path& model) {
    count(4);
    return hooks.measure(round, model);
  };
  for (;; ++stops) {
    try {
      const PruneResult result = prune(o, stopping);
      EXPECT_EQ(result.rounds.size(), 4u);
      EXPECT_EQ(result.rounds[2].measured, (Json{{"round", 2}}));
      break;
    } catch (const Cancelled&) {
      EXPECT_FALSE(fs::exists(o.out / "config.json"));
      ASSERT_LT(stops, 20);
    }
  }
  EXPECT_GT(stops, 1);
  EXPECT_EQ(test::SmallModel(o.out).logits(text_, ctx_), want);
  EXPECT_EQ(prune(o, hooks).rounds.size(), 4u) << "a finished run has nothing left to do";
}

TEST_F(PruneTest, ABitThatChangedInTheWeightsOfARoundIsNoticed) {
  PruneOptions o = options();
  o.rounds = 3;
  PruneHooks hooks;
  hooks.measure = [](std::int64_t round, const fs::path&) {
    if (round == 3) throw Cancelled("stop");
    return Json{{"round", round}};
  };
  EXPECT_THROW(prune(o, hooks), Cancelled);
  const fs::path weights = o.out / "rounds/round-2/model.safetensors";
  std::string bytes = pangu::test::read_file(weights);
  bytes.back() ^= 1;
  std::ofstream(weights, std::ios::binary) << bytes;
  o.resume = true;
  hooks.measure = [](std::int64_t, const fs::path&) { return Json::object(); };
  PANGU_EXPECT_ERROR(prune(o, hooks), FileError, "round-2", "round 2 are damaged", "prune.json");
  bytes.back() ^= 1;
  std::ofstream(weights, std::ios::binary) << bytes;
  EXPECT_EQ(prune(o, hooks).rounds.size(), 4u);
}

TEST_F(PruneTest, AKillAfterTheModelWasFinishedHarmsNothing) {
  PruneOptions o = options();
  o.keep_rounds = true;
  prune(o);
  const std::string weights = pangu::test::read_file(o.out / "model.safetensors");
  // Killed while it removed OUT/rounds.
  fs::remove(o.out / "rounds/round-1/config.json");
  o.keep_rounds = false;
  o.resume = true;
  EXPECT_EQ(prune(o).rounds.size(), 2u);
  EXPECT_TRUE(fs::exists(o.out / "config.json"));
  EXPECT_TRUE(pangu::test::read_file(o.out / "model.safetensors") == weights);
  EXPECT_FALSE(fs::exists(o.out / "rounds"));
}

TEST_F(PruneTest, AKillBeforeTheFirstStateLetsARunBegin) {
  for (const bool resume : {false, true}) {
    PruneOptions o = options();
    o.resume = resume;
    o.out = scratch_ / fmt::format("early-{}", resume);
    pangu::test::write_file(o.out / ".pangu-1-1.tmp", "half of prune.json");
    EXPECT_EQ(prune(o).rounds.size(), 2u);
  }
}

TEST_F(PruneTest, RefusesToMixRuns) {
  prune(options());
  EXPECT_THAT(refusal<FileError>(options()), HasSubstr("--resume"));
  PruneOptions o = options();
  o.resume = true;
  o.ratio = 0.3;
  EXPECT_THAT(refusal<ConfigError>(o), HasSubstr("ratio = 0.5"));
  o = options();
  o.out = scratch_ / "full";
  pangu::test::write_file(o.out / "precious.txt", "mine");
  EXPECT_THAT(refusal<FileError>(o), HasSubstr("not empty"));
  EXPECT_EQ(pangu::test::read_file(o.out / "precious.txt"), "mine");
}

TEST_F(PruneTest, RefusesRatiosThatCannotBe) {
  PruneOptions o = options();
  for (const double ratio : {0.0, 1.0, -1.0, 7.0}) {
    o.ratio = ratio;
    EXPECT_THAT(refusal<ConfigError>(o), HasSubstr("above 0 and below 1"));
  }
  o.ratio = 0.5;
  o.align = 64;
  EXPECT_THAT(refusal<ConfigError>(o), HasSubstr("none of 56 units would stay"));
  o = options("random", Unit::kHeads);
  o.ratio = 0.2;
  EXPECT_THAT(refusal<ConfigError>(o), HasSubstr("removes none of the 3 heads"));
  o.allocation = Allocation::kGlobal;
  o.ratio = 0.4;
  EXPECT_THAT(refusal<ConfigError>(o), HasSubstr("one number of heads"));
  EXPECT_FALSE(fs::exists(o.out / "config.json"));
}

TEST_F(PruneTest, TidiesUpAfterARunThatWasKilledAtItsVeryEnd) {
  PruneOptions o = options();
  prune(o);
  const fs::path left = o.out / ".pangu-1-1.tmp";
  fs::create_directories(left);
  o.resume = true;
  prune(o);
  EXPECT_FALSE(fs::exists(left));
}

TEST_F(PruneTest, WarnsOfAnAlignmentThatChangesTheRatio) {
  PruneOptions o = options();
  o.ratio = 0.2;
  o.align = 32;  // 56 neurons a layer: 32 stay
  EXPECT_THAT(PrunePlan(o).alignment_warning(),
              testing::AllOf(HasSubstr("42.9% of the neurons"), HasSubstr("20.0% was asked for"),
                             HasSubstr("multiples of 32. With --align 4 it would be 21.4%")));
  o.align = 4;
  EXPECT_EQ(PrunePlan(o).alignment_warning(), "");
  // One of three heads cannot go by halves.
  o = options("random", Unit::kHeads);
  o.ratio = 0.4;
  EXPECT_EQ(PrunePlan(o).alignment_warning(), "");
}

TEST_F(PruneTest, RefusesModelsThatCannotBePruned) {
  PruneOptions o = options();
  o.in = scratch_ / "nowhere";
  EXPECT_THAT(refusal<FileError>(o), HasSubstr("no folder"));
  prune(options());
  o = options();
  o.in = scratch_ / "out";
  o.out = scratch_ / "twice";
  EXPECT_THAT(refusal<Unsupported>(o), HasSubstr("was pruned already"));
  o.again = true;
  prune(o);
  EXPECT_EQ(test::SmallModel(o.out).config.pruning_config["before"]["method"], "magnitude");

  Json json = read_json(scratch_ / "model/config.json");
  json["quantization_config"] = {{"quant_method", "pangu"}, {"version", 1}, {"format", "w8a16"}};
  pangu::test::write_file(scratch_ / "model/config.json", json.dump());
  EXPECT_THAT(refusal<Unsupported>(options()), HasSubstr("is quantized. Prune the original"));
}

TEST_F(PruneTest, AsksForTextWhereItIsNeeded) {
  for (const char* method : {"taylor", "camera", "slim"}) {
    EXPECT_THAT(refusal<ConfigError>(options(method)), HasSubstr("--calibration"));
    fs::remove_all(scratch_ / "out");
  }
  PruneOptions o = options();
  o.repair = Repair::kRidge;
  EXPECT_THAT(refusal<ConfigError>(o), HasSubstr("--calibration"));
}

TEST_F(PruneTest, DamagedStateIsRefused) {
  prune(options());
  PruneOptions o = options();
  o.resume = true;
  const std::string state = pangu::test::read_file(o.out / "prune.json");
  for (const char* damaged : {"", "{}", "[1]", "{\"course\": {}, \"rounds\": 3}"}) {
    pangu::test::write_file(o.out / "prune.json", damaged);
    EXPECT_THROW(prune(o), Error) << damaged;
  }
  pangu::test::write_file(o.out / "prune.json", state.substr(0, state.size() / 2));
  EXPECT_THROW(prune(o), FileError);
  const auto with = [&](const char* at, const Json& value) {
    Json json = Json::parse(state);
    json[Json::json_pointer(at)] = value;
    pangu::test::write_file(o.out / "prune.json", json.dump());
    return refusal<Error>(o);
  };
  EXPECT_THAT(with("/rounds/1/round", 2), HasSubstr("round is 2; 1, its place in the list"));
  EXPECT_THAT(with("/rounds/1/kept", {1}), HasSubstr("a list of 4 numbers"));
  EXPECT_THAT(with("/rounds/0/kept", Json::array()), HasSubstr("a list of 1 numbers"));
  EXPECT_THAT(with("/rounds/0/parameters", 0), HasSubstr("parameters is 0"));
  EXPECT_THAT(with("/rounds/1/repaired", {1}), HasSubstr("a JSON object was expected"));
  EXPECT_THAT(with("/rounds/1/sparsity", {{{"name", "x"}, {"weights", 2}, {"zeros", 3}}}),
              HasSubstr("zeros is 3"));
  Json more = Json::parse(state);
  more["rounds"].push_back(more["rounds"][1]);
  more["rounds"][2]["round"] = 2;
  EXPECT_THAT(with("/rounds", more["rounds"]), HasSubstr("lists 2 rounds; at most 1"));
}

TEST(RoundResult, IsReadBackFromJson) {
  RoundResult r{.round = 3, .ratio = 0.125, .config = test::small_config(), .kept = {1, 2, 3, 4}};
  r.parameters = 12345, r.bytes = 24690, r.seconds = 1.5;
  r.profile = {{2.0, 1.0}, {3.0}};
  r.influence = {0.5};
  r.measured = {{"x", 1}};
  const Json json = to_json(r);
  EXPECT_EQ(to_json(parse_round(JsonObject("test", json))), json);
}

}  // namespace
}  // namespace pangu::compress
