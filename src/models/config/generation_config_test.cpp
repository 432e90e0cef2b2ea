// SPDX-License-Identifier: Apache-2.0
#include "models/config/generation_config.h"

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

GenerationConfig generation_config_of(const Json& json) {
  return parse_generation_config(json, "generation_config.json");
}

TEST(GenerationConfig, ReadsEveryKey) {
  const GenerationConfig c = generation_config_of({{"do_sample", true},
                                                   {"temperature", 0.6},
                                                   {"top_k", 20},
                                                   {"top_p", 0.95},
                                                   {"min_p", 0.1},
                                                   {"repetition_penalty", 1.05},
                                                   {"max_new_tokens", 7},
                                                   {"bos_token_id", 1},
                                                   {"eos_token_id", {2, 3}},
                                                   {"pad_token_id", 0},
                                                   {"transformers_version", "4"}});
  EXPECT_TRUE(c.do_sample);
  EXPECT_EQ(c.temperature, 0.6);
  EXPECT_EQ(c.top_k, 20);
  EXPECT_EQ(c.top_p, 0.95);
  EXPECT_EQ(c.min_p, 0.1);
  EXPECT_EQ(c.repetition_penalty, 1.05);
  EXPECT_EQ(c.max_new_tokens, 7);
  EXPECT_EQ(c.bos_token_id, 1);
  EXPECT_EQ(c.eos_token_ids, (std::vector<TokenId>{2, 3}));
  EXPECT_EQ(c.pad_token_id, 0);
}

TEST(GenerationConfig, DefaultsAreNeutral) {
  EXPECT_EQ(generation_config_of(Json::object()), GenerationConfig{});
  EXPECT_EQ(
      generation_config_of({{"top_k", -1}, {"max_new_tokens", nullptr}, {"eos_token_id", nullptr}}),
      GenerationConfig{});
  test::ScratchDir dir;
  EXPECT_EQ(read_generation_config(dir.path()), GenerationConfig{});
  test::write_file(dir / "generation_config.json", R"({"eos_token_id": 5})");
  EXPECT_EQ(read_generation_config(dir.path()).eos_token_ids, (std::vector<TokenId>{5}));
}

TEST(GenerationConfig, WrongValuesAreNamed) {
  const std::pair<const char*, Json> wrong[] = {{"do_sample", 1},
                                                {"temperature", -0.1},
                                                {"temperature", "1"},
                                                {"temperature", 1e9},
                                                {"top_k", -2},
                                                {"top_k", 1.5},
                                                {"top_p", 0},
                                                {"top_p", 1.1},
                                                {"min_p", -1},
                                                {"min_p", 2},
                                                {"repetition_penalty", 0},
                                                {"max_new_tokens", 0},
                                                {"eos_token_id", "2"},
                                                {"eos_token_id", {1, -2}},
                                                {"eos_token_id", 4294967296},
                                                {"bos_token_id", 1.5},
                                                {"pad_token_id", -2}};
  for (const auto& [key, value] : wrong) {
    SCOPED_TRACE(value.dump());
    PANGU_EXPECT_ERROR(generation_config_of({{key, value}}), ConfigError, "generation_config.json",
                       key, "expected");
  }
  test::ScratchDir dir;
  test::write_file(dir / "generation_config.json", "[1");
  PANGU_EXPECT_ERROR(read_generation_config(dir.path()), FileError, "generation_config.json",
                     "JSON");
}

TEST(GenerationConfig, ReadsTheSharedModels) {
  PANGU_NEEDS_SHARED_DATA();
  const auto models = test::shared_dir() / "models";
  const GenerationConfig large = read_generation_config(models / "openpangu-embedded-7b");
  EXPECT_TRUE(large.do_sample);
  EXPECT_EQ(large.top_k, 0);
  EXPECT_EQ(large.top_p, 0.8);
  EXPECT_EQ(large.eos_token_ids, (std::vector<TokenId>{45892}));
  EXPECT_FALSE(read_generation_config(models / "stories260K").do_sample);
  EXPECT_EQ(read_generation_config(models / "pangu-embedded-tiny"), GenerationConfig{});
}

}  // namespace
}  // namespace pangu
