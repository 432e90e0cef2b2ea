// SPDX-License-Identifier: Apache-2.0
#include "models/config/config_rope.h"

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

TEST(RopeConfig, BothGenerationsOfKeysCount) {
  RopeConfig want;
  want.theta = 1e6;
  want.type = Type::kDynamic;
  want.factor = 3;
  const Json theta{{"rope_theta", 1e6}}, scaling{{"type", "dynamic"}, {"factor", 3}};
  const Json whole{{"rope_theta", 1000000}, {"rope_type", "dynamic"}, {"factor", 3.0}};
  EXPECT_EQ(parse_rope({{"rope_theta", 1e6}, {"rope_scaling", scaling}}), want);
  EXPECT_EQ(parse_rope({{"rope_parameters", whole}}), want);
  EXPECT_EQ(parse_rope({{"rope_scaling", whole}}), want) << "rope_theta in the old object";
  EXPECT_EQ(parse_rope({{"rope_theta", 1e6}, {"rope_parameters", scaling}}), want);
  EXPECT_EQ(parse_rope({{"rope_parameters", theta}, {"rope_scaling", scaling}}), want)
      << "half of it in each object";
  EXPECT_EQ(parse_rope({{"rope_theta", 1e6}, {"rope_scaling", whole}, {"rope_parameters", whole}}),
            want)
      << "the same thing said three times";
  EXPECT_EQ(parse_rope({{"rope_theta", 1e6},
                        {"rope_scaling", {{"type", "dynamic"}, {"rope_type", "dynamic"}}},
                        {"rope_parameters", {{"factor", 3}, {"rope_theta", nullptr}}}}),
            want);
  // Phi-3 and others keep the trained length beside the object.
  Json llama3 = kLlama3;
  llama3.erase("original_max_position_embeddings");
  EXPECT_EQ(parse_rope({{"rope_theta", 5e5},
                        {"rope_scaling", llama3},
                        {"original_max_position_embeddings", 8192}}),
            scaled(kLlama3));
}

/// Every pair of places of a setting, with values that differ.
TEST(RopeConfig, ContradictionsNameBothKeys) {
  PANGU_EXPECT_ERROR(parse_rope({{"rope_theta", 1e4}, {"rope_parameters", {{"rope_theta", 1e6}}}}),
                     ConfigError, "rope_parameters.rope_theta is 1000000", "rope_theta is 10000");
  PANGU_EXPECT_ERROR(parse_rope({{"rope_theta", 1e4}, {"rope_scaling", {{"rope_theta", 1e6}}}}),
                     ConfigError, "rope_scaling.rope_theta is 1000000", "but rope_theta is 10000");
  const Json linear{{"type", "linear"}, {"factor", 2}};
  PANGU_EXPECT_ERROR(parse_rope({{"rope_scaling", linear},
                                 {"rope_parameters", {{"rope_type", "linear"}, {"factor", 3}}}}),
                     ConfigError, "rope_parameters.factor is 3", "rope_scaling.factor is 2");
  PANGU_EXPECT_ERROR(parse_rope({{"rope_scaling", linear},
                                 {"rope_parameters", {{"rope_type", "dynamic"}, {"factor", 2}}}}),
                     ConfigError, "rope_parameters.rope_type", "\"dynamic\"", "rope_scaling.type",
                     "\"linear\"");
  PANGU_EXPECT_ERROR(scaled({{"rope_type", "dynamic"}, {"type", "linear"}, {"factor", 2}}),
                     ConfigError, "rope_scaling.rope_type", "rope_scaling.type");
  PANGU_EXPECT_ERROR(parse_rope({{"rope_theta", 5e5},
                                 {"rope_scaling", kLlama3},
                                 {"original_max_position_embeddings", 4096}}),
                     ConfigError, "rope_scaling.original_max_position_embeddings is 8192",
                     "original_max_position_embeddings is 4096");
}

TEST(RopeConfig, KeysThatNobodyReadsAreRefused) {
  // One key too many for each type.
  for (const auto& [type, key] : {std::pair{"default", "original_max_position_embeddings"},
                                  {"default", "mrope_section"},
                                  {"linear", "beta_fast"},
                                  {"dynamic", "alpha"},
                                  {"yarn", "low_freq_factor"},
                                  {"llama3", "attention_factor"}}) {
    Json scaling = kLlama3;
    if (std::string(type) != "llama3") scaling = {{"factor", 1}};
    scaling["rope_type"] = type;
    EXPECT_NO_THROW(scaled(scaling)) << type;
    scaling[key] = nullptr;
    EXPECT_NO_THROW(scaled(scaling)) << type << ", a null says nothing";
    scaling[key] = 1;
    PANGU_EXPECT_ERROR(scaled(scaling), Unsupported, std::string("rope_scaling.") + key,
                       std::string(type));
  }
  PANGU_EXPECT_ERROR(parse_rope({{"rope_parameters", {{"rope_thet", 1e6}}}}), Unsupported,
                     "rope_parameters.rope_thet ", "rope_theta");
  PANGU_EXPECT_ERROR(parse_rope({{"rope_parameters", {{"full_attention", Json::object()}}}}),
                     Unsupported, "rope_parameters.full_attention");
  PANGU_EXPECT_ERROR(scaled({{"factor", 2}}), ConfigError, "rope_scaling.factor is 2", "rope_type");
  PANGU_EXPECT_ERROR(
      scaled({{"type", "dynamic"}, {"factor", 2}, {"original_max_position_embeddings", 64}}),
      ConfigError, "original_max_position_embeddings is 64", "max_position_embeddings = 4096");
  EXPECT_NO_THROW(
      scaled({{"type", "dynamic"}, {"factor", 2}, {"original_max_position_embeddings", 4096}}));
  EXPECT_NO_THROW(scaled({{"type", "yarn"}, {"factor", 2}, {"finetuned", true}}));
  PANGU_EXPECT_ERROR(scaled({{"type", "yarn"}, {"factor", 2}, {"finetuned", false}}), ConfigError,
                     "finetuned is false");
}

TEST(RopeConfig, PartsOfHeadsAreNotRotated) {
  for (const char* object : {"rope_scaling", "rope_parameters"}) {
    EXPECT_NO_THROW(parse_rope({{object, {{"partial_rotary_factor", 1.0}}}}));
    PANGU_EXPECT_ERROR(parse_rope({{object, {{"partial_rotary_factor", 0.5}}}}), Unsupported,
                       object, "partial_rotary_factor is 0.5");
  }
  PANGU_EXPECT_ERROR(parse_rope({{"partial_rotary_factor", 0.25}}), Unsupported,
                     "partial_rotary_factor is 0.25");
}

TEST(RopeConfig, AFactorOfNullStretchesNothing) {
  EXPECT_EQ(scaled({{"rope_type", "default"}, {"factor", nullptr}}),
            parse_rope({{"rope_theta", 5e5}}));
  for (const char* type : {"linear", "dynamic", "yarn"}) {
    EXPECT_EQ(scaled({{"type", type}, {"factor", nullptr}}),
              scaled({{"type", type}, {"factor", 1}}))
        << type;
  }
  // YaRN's follows from the lengths before and after.
  EXPECT_EQ(
      scaled({{"type", "yarn"}, {"factor", nullptr}, {"original_max_position_embeddings", 1024}}),
      scaled({{"type", "yarn"}, {"factor", 4}, {"original_max_position_embeddings", 1024}}));
}

TEST(RopeConfig, ReadsEveryType) {
  EXPECT_EQ(scaled({{"type", "linear"}, {"factor", 2}}).type, Type::kLinear);
  EXPECT_EQ(scaled({{"rope_type", "dynamic"}, {"factor", 2}}).type, Type::kDynamic);

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
      if (value.is_null() && key == std::string("factor")) continue;  // legal
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
