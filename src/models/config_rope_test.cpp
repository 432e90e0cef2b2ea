// SPDX-License-Identifier: Apache-2.0
#include "models/config_rope.h"

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using Type = RopeConfig::Type;

RopeConfig parse_rope(const Json& json, const char* architecture = "LlamaForCausalLM") {
  return parse_rope_config(JsonObject("config.json", json), *find_architecture(architecture), 4096);
}

RopeConfig scaled(const Json& scaling) {
  return parse_rope({{"rope_theta", 5e5}, {"rope_scaling", scaling}});
}

const Json kLlama3{{"rope_type", "llama3"},
                   {"factor", 8.0},
                   {"low_freq_factor", 1.0},
                   {"high_freq_factor", 4.0},
                   {"original_max_position_embeddings", 8192}};

TEST(RopeConfig, UnscaledFormsAreOne) {
  const RopeConfig plain = parse_rope({{"rope_theta", 1e6}});
  EXPECT_EQ(plain.theta, 1e6);
  EXPECT_EQ(plain.type, Type::kDefault);
  EXPECT_EQ(parse_rope({{"rope_theta", 1000000}, {"rope_scaling", nullptr}}), plain);
  EXPECT_EQ(parse_rope({{"rope_theta", 1e6}, {"rope_scaling", {{"type", "default"}}}}), plain);
  EXPECT_EQ(parse_rope({{"rope_parameters", {{"rope_theta", 1e6}, {"rope_type", "default"}}}}),
            plain);
  EXPECT_EQ(parse_rope({{"rope_parameters", {{"rope_theta", 1e6}}}}), plain);
  EXPECT_EQ(parse_rope(Json::object()).theta, 1e4);
}

TEST(RopeConfig, NewFormWinsOverTheOld) {
  const RopeConfig rope = parse_rope(
      {{"rope_theta", 1e4},
       {"rope_scaling", {{"type", "linear"}, {"factor", 2}}},
       {"rope_parameters", {{"rope_theta", 1e6}, {"rope_type", "dynamic"}, {"factor", 3}}}});
  EXPECT_EQ(rope.theta, 1e6);
  EXPECT_EQ(rope.type, Type::kDynamic);
  EXPECT_EQ(rope.factor, 3);
}

TEST(RopeConfig, ReadsEveryType) {
  EXPECT_EQ(scaled({{"type", "linear"}, {"factor", 2}}).type, Type::kLinear);
  EXPECT_EQ(scaled({{"rope_type", "dynamic"}, {"type", "ignored"}, {"factor", 2}}).type,
            Type::kDynamic);

  const RopeConfig llama = scaled(kLlama3);
  EXPECT_EQ(llama.type, Type::kLlama3);
  EXPECT_EQ(llama.factor, 8);
  EXPECT_EQ(llama.low_freq_factor, 1);
  EXPECT_EQ(llama.high_freq_factor, 4);
  EXPECT_EQ(llama.original_max_position_embeddings, 8192);

  const RopeConfig yarn = scaled({{"type", "yarn"}, {"factor", 4.0}, {"mscale", 0}});
  EXPECT_EQ(yarn.type, Type::kYarn);
  EXPECT_EQ(yarn.original_max_position_embeddings, 4096);
  EXPECT_EQ(yarn.beta_fast, 32);
  EXPECT_EQ(yarn.beta_slow, 1);
  EXPECT_TRUE(yarn.truncate);
  EXPECT_EQ(yarn.attention_factor, std::nullopt);
  EXPECT_EQ(yarn.mscale, std::nullopt);
  const RopeConfig full = scaled({{"type", "yarn"},
                                  {"factor", 4.0},
                                  {"original_max_position_embeddings", 32768},
                                  {"attention_factor", 1.5},
                                  {"beta_fast", 16},
                                  {"beta_slow", 2},
                                  {"mscale", 0.7},
                                  {"mscale_all_dim", 0.8},
                                  {"truncate", false}});
  EXPECT_EQ(full.original_max_position_embeddings, 32768);
  EXPECT_EQ(full.attention_factor, 1.5);
  EXPECT_EQ(full.beta_fast, 16);
  EXPECT_EQ(full.beta_slow, 2);
  EXPECT_EQ(full.mscale, 0.7);
  EXPECT_EQ(full.mscale_all_dim, 0.8);
  EXPECT_FALSE(full.truncate);
  for (const RopeConfig& rope : {llama, yarn, full}) {
    EXPECT_EQ(scaled(rope_scaling_json(rope)), rope);
  }
  EXPECT_TRUE(rope_scaling_json(RopeConfig{}).is_null());
  EXPECT_EQ(name(Type::kLlama3), "llama3");
}

TEST(RopeConfig, WrongValuesAreNamed) {
  PANGU_EXPECT_ERROR(scaled({{"type", "longrope"}}), Unsupported, "config.json",
                     "rope_scaling.type", "'longrope'", "yarn");
  PANGU_EXPECT_ERROR(scaled({{"rope_type", "su"}}), Unsupported, "rope_scaling.rope_type");
  PANGU_EXPECT_ERROR(scaled({{"type", "linear"}}), ConfigError, "rope_scaling.factor is missing");
  PANGU_EXPECT_ERROR(scaled({{"type", "linear"}, {"factor", 0.5}}), ConfigError,
                     "rope_scaling.factor is 0.5", "from 1");
  PANGU_EXPECT_ERROR(scaled({{"type", 1}}), ConfigError, "rope_scaling.type", "a string");
  for (const char* key :
       {"factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"}) {
    for (const Json& value : {Json(nullptr), Json(0), Json(-1), Json("8")}) {
      Json scaling = kLlama3;
      scaling[key] = value;
      PANGU_EXPECT_ERROR(scaled(scaling), ConfigError, "rope_scaling.", key);
    }
  }
  Json flat = kLlama3;
  flat["high_freq_factor"] = 1.0;
  PANGU_EXPECT_ERROR(scaled(flat), ConfigError, "high_freq_factor", "above low_freq_factor");
  for (const char* key :
       {"beta_fast", "beta_slow", "attention_factor", "original_max_position_embeddings"}) {
    PANGU_EXPECT_ERROR(scaled({{"type", "yarn"}, {"factor", 2}, {key, 0}}), ConfigError, key);
  }
  PANGU_EXPECT_ERROR(scaled({{"type", "yarn"}, {"factor", 2}, {"beta_fast", 0.5}}), ConfigError,
                     "beta_fast", "at least beta_slow");
  PANGU_EXPECT_ERROR(scaled({{"type", "yarn"}, {"factor", 2}, {"beta_slow", 33}}), ConfigError,
                     "beta_slow");
  PANGU_EXPECT_ERROR(scaled({{"type", "yarn"}, {"factor", 2}, {"truncate", 1}}), ConfigError,
                     "truncate");
  PANGU_EXPECT_ERROR(scaled({{"type", "yarn"}, {"factor", 2}, {"mscale", -1}}), ConfigError,
                     "mscale");
  PANGU_EXPECT_ERROR(parse_rope({{"rope_parameters", {{"rope_theta", 0}}}}), ConfigError,
                     "rope_parameters.rope_theta is 0");
  PANGU_EXPECT_ERROR(parse_rope(Json::object(), "Qwen2ForCausalLM"), ConfigError,
                     "rope_theta is missing");
}

}  // namespace
}  // namespace pangu
