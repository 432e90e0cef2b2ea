// SPDX-License-Identifier: Apache-2.0
// Configs: what is accepted, what is printed, and every way of being refused.
#include "train/train_config.h"

#include <gtest/gtest.h>

#include "io/option_error.h"
#include "tests/support/support.h"
#include "train/config_keys.h"
#include "train/resume_settings.h"

namespace pangu {
namespace {

Json smallest() {
  return {{"model", {{"shape", "openpangu-embedded-1b"}}},
          {"tokenizer", "tok"},
          {"data", {{"train", {"a.jsonl"}}}},
          {"steps", 100},
          {"output", "out"}};
}

TrainConfig parse(const Json& json) {
  return parse_train_config(json, "train.json");
}

TrainConfig parse_with(std::initializer_list<const char*> overrides) {
  Json json = smallest();
  for (const char* o : overrides) set_config_key(json, o);
  return parse(json);
}

TEST(TrainConfig, DefaultsAreWhatTheTableSays) {
  const TrainConfig c = parse(smallest());
  EXPECT_EQ(c.model.hidden_size, 1536);
  EXPECT_EQ(c.train[0].path, "a.jsonl");
  EXPECT_EQ(c.train[0].weight, 1);
  EXPECT_EQ(c.packing.length, 1024);
  EXPECT_EQ(c.optimizer.adamw.beta2, 0.95);
  EXPECT_EQ(c.schedule.kind, Schedule::Kind::kCosine);
  EXPECT_EQ(c.schedule.steps, 100);
  EXPECT_FALSE(c.document_separator);
  EXPECT_EQ(c.dtype, DType::kBF16);
  EXPECT_EQ(c.loss_on, LossOn::kAssistant);
}

TEST(TrainConfig, PrintedDefaultsAreAConfigWithEveryKey) {
  const Json printed = parse_json(commented_defaults(), "printed", {.allow_comments = true});
  EXPECT_EQ(printed, with_defaults(Json::object(), "none"));
  for (const ConfigKey& key : train_config_keys()) {
    EXPECT_NE(commented_defaults().find(key.comment), std::string::npos) << key.path;
  }
}

TEST(TrainConfig, OverridesReplaceValues) {
  const TrainConfig c =
      parse_with({"optimizer.learning_rate=1e-4", "data.loss_on=all", "optimizer.kind=muon",
                  "optimizer.momentum=0.9", "data.train=[{\"path\": \"b.txt\", \"weight\": 0.5}]",
                  "steps=null", "epochs=1.5", "seed=7", "output=some where"});
  EXPECT_EQ(c.schedule.peak, 1e-4);
  EXPECT_EQ(c.loss_on, LossOn::kAll);
  EXPECT_EQ(c.optimizer.kind, OptimizerOptions::Kind::kMuon);
  EXPECT_EQ(c.optimizer.muon.momentum, 0.9);
  EXPECT_EQ(c.train[0].path, "b.txt");
  EXPECT_EQ(c.train[0].weight, 0.5);
  EXPECT_EQ(c.epochs, 1.5);
  EXPECT_EQ(c.packing.seed, 7u);
  EXPECT_EQ(c.output, "some where");
}

TEST(TrainConfig, UnknownKeysNameTheNearest) {
  Json json = smallest();
  json["optimizer"] = {{"learning_rat", 1}};
  PANGU_EXPECT_ERROR(parse(json), ConfigError, "train.json", "'optimizer.learning_rat'",
                     "'optimizer.learning_rate'");
  json = smallest();
  json["learning_rate"] = 1;
  PANGU_EXPECT_ERROR(parse(json), ConfigError, "'learning_rate'", "'optimizer.learning_rate'");
  json = smallest();
  json["stepz"] = 1;
  PANGU_EXPECT_ERROR(parse(json), ConfigError, "'stepz'", "'steps'");
  PANGU_EXPECT_ERROR(parse_with({"batch.row=2"}), ConfigError, "--set", "'batch.rows'");
  PANGU_EXPECT_ERROR(parse_with({"batch.rows"}), ConfigError, "no assignment");
  json = smallest();
  json["data"]["train"] = Json::array({{{"path", "a"}, {"wait", 2}}});
  PANGU_EXPECT_ERROR(parse(json), ConfigError, "data.train[0]", "'wait'");
}

TEST(TrainConfig, WrongTypesAndRangesAreRefusedByName) {
  struct Case {
    const char* assignment;
    const char* key;
    const char* found;
  };
  for (const auto& [assignment, key, found] : std::vector<Case>{
           {"optimizer.learning_rate=fast", "optimizer.learning_rate", "\"fast\""},
           {"optimizer.learning_rate=-1", "optimizer.learning_rate", "-1"},
           {"optimizer.beta1=1", "optimizer.beta1", "1"},
           {"batch.rows=0", "batch.rows", "0"},
           {"batch.rows=1.5", "batch.rows", "1.5"},
           {"data.loss_on=user", "data.loss_on", "\"assistant\" or \"all\""},
           {"data.loss_on=3", "data.loss_on", "3"},
           {"data.train=a.jsonl", "data.train", "a list"},
           {"data.train=[]", "data.train", "at least one"},
           {"data.train=[{\"path\":\"a\",\"weight\":0}]", "weight", "0"},
           {"data.train=[7]", "data.train[0]", "7"},
           {"data.too_long=cut", "data.too_long", "\"split\" or \"truncate\" or \"skip\""},
           {"data.append_eos=1", "data.append_eos", "true or false"},
           {"schedule.kind=step", "schedule.kind", "\"cosine\""},
           {"schedule.min_ratio=2", "schedule.min_ratio", "2"},
           {"dtype=f16", "dtype", "\"bf16\" or \"f32\""},
           {"save.dtype=int8", "save.dtype", "\"bf16\" or \"f32\""},
           {"save.keep=0", "save.keep", "0"},
           {"seed=-1", "seed", "-1"},
           {"steps=0", "steps", "0"},
           {"model.shape=gpt-9", "model.shape", "openpangu-embedded-1b"},
           {"output=null", "output", "null"},
       }) {
    PANGU_EXPECT_ERROR(parse_with({assignment}), ConfigError, key, found);
  }
  Json json = smallest();
  json["batch"] = 8;
  PANGU_EXPECT_ERROR(parse(json), ConfigError, "batch", "an object");
  PANGU_EXPECT_ERROR(parse(Json::array()), ConfigError, "train.json", "an object was expected");
}

TEST(TrainConfig, WhatExcludesEachOtherIsRefused) {
  PANGU_EXPECT_ERROR(parse_with({"epochs=1"}), ConfigError, "steps and epochs");
  PANGU_EXPECT_ERROR(parse_with({"steps=null"}), ConfigError, "neither steps nor epochs");
  PANGU_EXPECT_ERROR(parse_with({"model.shape=null"}), ConfigError, "there is none");
  PANGU_EXPECT_ERROR(parse_with({"model.from=x"}), ConfigError, "several");
  PANGU_EXPECT_ERROR(parse_with({"tokenizer=null"}), ConfigError, "tokenizer");
  PANGU_EXPECT_ERROR(parse_with({"data.sequence_length=9000000"}), ConfigError, "9000000",
                     "max_position_embeddings");
}

TEST(TrainConfig, ModelsAreReadFromFoldersFilesAndTheConfigItself) {
  PANGU_NEEDS_SHARED_DATA();
  const std::string folder = (test::shared_dir() / "models/pangu-embedded-tiny").string();
  Json json = smallest();
  json["model"] = {{"from", folder}};
  json.erase("tokenizer");
  const TrainConfig from = parse(json);
  EXPECT_EQ(from.tokenizer, folder);
  EXPECT_EQ(from.model.hidden_size, 128);
  json["tokenizer"] = folder;
  json["model"] = {{"config", folder + "/config.json"}};
  EXPECT_EQ(parse(json).model, from.model);
  json["model"] = {{"config", read_json(folder + "/config.json")}};
  EXPECT_EQ(parse(json).model, from.model);
  json["model"]["config"]["hidden_size"] = "wide";
  PANGU_EXPECT_ERROR(parse(json), ConfigError, "model.config", "hidden_size");
}

TEST(TrainConfig, TheCourseIsWhatDecidesAboutWeights) {
  const Json settings = parse(smallest()).resume_settings();
  const auto same = [&](const char* assignment) {
    require_same_settings(settings, parse_with({assignment}).resume_settings(), "step-000001");
  };
  for (const char* free :
       {"output=other", "save.every=3", "validate.every=5", "log_every=2", "divergence=0",
        "data.validation=[\"v.txt\"]", "data.train=[{\"path\": \"moved/a.jsonl\"}]"}) {
    EXPECT_NO_THROW(same(free)) << free;
  }
  PANGU_EXPECT_ERROR(same("steps=200"), ConfigError, "steps = 100", "says 200", "step-000001");
  PANGU_EXPECT_ERROR(same("dtype=f32"), ConfigError, "dtype = \"bf16\"");
  PANGU_EXPECT_ERROR(same("data.train=[{\"path\":\"a\",\"weight\":2}]"), ConfigError, "weight");
  PANGU_EXPECT_ERROR(same("model.shape=openpangu-embedded-7b"), ConfigError, "model.config.");
  // A constant rate does not depend on the length.
  const Json constant = parse_with({"schedule.kind=constant"}).resume_settings();
  EXPECT_NO_THROW(require_same_settings(
      constant, parse_with({"schedule.kind=constant", "steps=900"}).resume_settings(), "x"));
}

TEST(TrainConfig, TeachersComeWithWeights) {
  EXPECT_FALSE(parse(smallest()).distill);
  const TrainConfig c = parse_with({"distill.teacher=big", "distill.temperature=3",
                                    "distill.ce_weight=0.5", "distill.cache=words"});
  ASSERT_TRUE(c.distill);
  // Defaults may be written out; a choice that nothing would look at may not.
  EXPECT_NO_THROW(parse_with({"distill.top_k=256", "distill.temperature=2"}));
  PANGU_EXPECT_ERROR(parse_with({"distill.cache=words"}), ConfigError, "distill.cache",
                     "distill.teacher");
  PANGU_EXPECT_ERROR(parse_with({"distill.top_k=5"}), ConfigError, "distill.top_k",
                     "distill.teacher");
  EXPECT_EQ(c.distill->teacher, "big");
  EXPECT_EQ(c.distill->mix.temperature, 3.0f);
  EXPECT_EQ(c.distill->mix.kl, 1.0f);
  EXPECT_EQ(c.distill->mix.ce, 0.5f);
  EXPECT_EQ(c.distill->cache, "words");
  EXPECT_EQ(c.distill->top_k, 256);
  const auto refused = [](const char* assignment) {
    parse_with({"distill.teacher=big", assignment});
  };
  PANGU_EXPECT_ERROR(refused("distill.temperature=0"), ConfigError, "distill.temperature", "0");
  PANGU_EXPECT_ERROR(refused("distill.temperature=-2"), ConfigError, "distill.temperature", "-2");
  PANGU_EXPECT_ERROR(refused("distill.kl_weight=-1"), ConfigError, "distill.kl_weight", "-1");
  PANGU_EXPECT_ERROR(refused("distill.ce_weight=-1"), ConfigError, "distill.ce_weight", "-1");
  PANGU_EXPECT_ERROR(refused("distill.hidden_weight=-1"), ConfigError, "distill.hidden_weight");
  PANGU_EXPECT_ERROR(refused("distill.top_k=0"), ConfigError, "distill.top_k", "0");
  PANGU_EXPECT_ERROR(refused("distill.kl_weight=0"), ConfigError, "distill.kl_weight and",
                     "both 0");
  PANGU_EXPECT_ERROR(
      parse_with({"distill.teacher=big", "distill.hidden_weight=1", "distill.cache=words"}),
      ConfigError, "distill.hidden_weight is 1", "distill.cache");
}

TEST(TrainConfig, TheCourseKnowsTheTeacherByItsDigest) {
  const auto settings = [](std::initializer_list<const char*> more, const char* digest = "abc") {
    std::vector<const char*> all{"distill.teacher=big"};
    Json json = smallest();
    all.insert(all.end(), more);
    for (const char* o : all) set_config_key(json, o);
    return parse(json).resume_settings(digest);
  };
  const auto same = [&](const Json& a, const Json& b) {
    require_same_settings(a, b, "step-000001");
  };
  EXPECT_NO_THROW(same(settings({}), settings({"distill.teacher=moved/big", "distill.top_k=7"})));
  PANGU_EXPECT_ERROR(same(settings({}), settings({}, "abd")), ConfigError, "distill.teacher",
                     "\"abd\"");
  PANGU_EXPECT_ERROR(same(settings({}), settings({"distill.temperature=3"})), ConfigError,
                     "distill.temperature");
  PANGU_EXPECT_ERROR(same(settings({}), settings({"distill.cache=a"})), ConfigError,
                     "distill.top_k");
  const Json cached = settings({"distill.cache=a"});
  EXPECT_NO_THROW(same(cached, settings({"distill.cache=b"})));
  PANGU_EXPECT_ERROR(same(cached, settings({"distill.cache=a", "distill.top_k=7"})), ConfigError,
                     "distill.top_k = 256");
  // Without a teacher it is as if there were no such section.
  EXPECT_FALSE(parse(smallest()).resume_settings().contains("distill"));
  EXPECT_THROW(same(parse(smallest()).resume_settings(), settings({})), ConfigError);
}

TEST(TrainConfig, FilesMayHaveComments) {
  const test::ScratchDir scratch;
  test::write_file(scratch / "c.json", "// what\n" + smallest().dump());
  const std::vector<std::string> overrides{"steps=7"};
  EXPECT_EQ(read_train_config(scratch / "c.json", overrides).schedule.steps, 7);
  test::write_file(scratch / "d.json", "{\"steps\": }");
  PANGU_EXPECT_ERROR(read_train_config(scratch / "d.json", {}), FileError, "d.json");
  const std::vector<std::string> none = {"steps=0"}, nowhere = {"output="};
  PANGU_EXPECT_ERROR(read_train_config(scratch / "c.json", none), ConfigError,
                     "[config] --set steps=0: the key steps is 0", "Give another value");
  PANGU_EXPECT_ERROR(read_train_config(scratch / "c.json", nowhere), ConfigError,
                     "--set output=", "the name of a folder was expected");
  for (const char* name : {"output=x.gguf", "output=x.gguf/", "output=a/x.gguf//"}) {
    const std::vector<std::string> file = {name};
    PANGU_EXPECT_ERROR(read_train_config(scratch / "c.json", file), ConfigError, "x.gguf",
                       "the name of a folder was expected");
  }
}

TEST(TrainConfig, ValuesThatNestWithoutEndAreWrongUsage) {
  Json config = Json::object();
  const std::string deep = "model.config=" + std::string(60000, '[') + std::string(60000, ']');
  PANGU_EXPECT_ERROR(set_config_key(config, deep), OptionError, "--set model.config", "64 levels");
  EXPECT_EQ(config, Json::object());
}

}  // namespace
}  // namespace pangu
