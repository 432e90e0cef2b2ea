// SPDX-License-Identifier: Apache-2.0
#include "models/config/config.h"

#include <gmock/gmock.h>

#include <string>

#include "io/checkpoint.h"
#include "models/config/config_shapes.h"
#include "models/parameter_count.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using testing::Each;
using testing::ElementsAre;

Json base(const char* architecture = "LlamaForCausalLM") {
  return {{"architectures", {architecture}},
          {"hidden_size", 64},
          {"intermediate_size", 172},
          {"num_hidden_layers", 5},
          {"num_attention_heads", 8},
          {"num_key_value_heads", 4},
          {"vocab_size", 512},
          {"max_position_embeddings", 512},
          {"rms_norm_eps", 1e-5},
          {"rope_theta", 10000.0}};
}

/// The base config with some keys replaced or added.
Json with(const Json& changes, Json json = base()) {
  json.update(changes);
  return json;
}

Json without(const char* key, Json json = base()) {
  json.erase(key);
  return json;
}

ModelConfig model_config_of(const Json& json) {
  return parse_model_config(json, "config.json");
}

TEST(ModelConfig, ReadsEveryKey) {
  const ModelConfig c = model_config_of(with({{"model_type", "llama"},
                                              {"head_dim", 16},
                                              {"bos_token_id", 1},
                                              {"eos_token_id", {2, 5}},
                                              {"pad_token_id", 0},
                                              {"tie_word_embeddings", true},
                                              {"torch_dtype", "float16"},
                                              {"pruning_config", {{"ratio", 0.5}}},
                                              {"unknown", {}}}));
  EXPECT_EQ(c.architecture, "LlamaForCausalLM");
  EXPECT_EQ(c.model_type, "llama");
  EXPECT_EQ(c.hidden_size, 64);
  EXPECT_EQ(c.n_layers, 5);
  EXPECT_EQ(c.n_heads, 8);
  EXPECT_EQ(c.n_kv_heads, 4);
  EXPECT_EQ(c.head_dim, 16);
  EXPECT_THAT(c.intermediate_size, ElementsAre(172, 172, 172, 172, 172));
  EXPECT_EQ(c.vocab_size, 512);
  EXPECT_EQ(c.max_position_embeddings, 512);
  EXPECT_EQ(c.rms_norm_eps, 1e-5);
  EXPECT_EQ(c.rope.theta, 1e4);
  EXPECT_EQ(c.rope.type, RopeConfig::Type::kDefault);
  EXPECT_TRUE(c.tie_word_embeddings);
  EXPECT_EQ(c.bos_token_id, 1);
  EXPECT_THAT(c.eos_token_ids, ElementsAre(2, 5));
  EXPECT_EQ(c.pad_token_id, 0);
  EXPECT_EQ(c.dtype, DType::kF16);
  EXPECT_EQ(c.pruning_config, (Json{{"ratio", 0.5}}));
  EXPECT_EQ(c.sliding_window, std::nullopt);
}

TEST(ModelConfig, FillsInDefaults) {
  const ModelConfig c = model_config_of(without("num_key_value_heads", without("rope_theta")));
  EXPECT_EQ(c.model_type, "llama");
  EXPECT_EQ(c.n_kv_heads, 8);
  EXPECT_EQ(c.head_dim, 8);
  EXPECT_EQ(c.rope.theta, 1e4);
  EXPECT_FALSE(c.tie_word_embeddings);
  EXPECT_FALSE(c.qkv_bias || c.o_bias || c.mlp_bias);
  EXPECT_EQ(c.bos_token_id, std::nullopt);
  EXPECT_TRUE(c.eos_token_ids.empty());
  EXPECT_EQ(c.dtype, std::nullopt);
  EXPECT_TRUE(c.pruning_config.is_null());
}

TEST(ModelConfig, AcceptsWhatRealFilesHold) {
  EXPECT_EQ(model_config_of(with({{"pad_token_id", -1}, {"eos_token_id", -1}})).pad_token_id,
            std::nullopt);
  EXPECT_NO_THROW(model_config_of(with({{"hidden_act", "swish"}, {"rope_scaling", nullptr}})));
  EXPECT_NO_THROW(
      model_config_of(with({{"quantization_config", nullptr}, {"pad_token_id", nullptr}})));
  EXPECT_EQ(model_config_of(with({{"dtype", "bfloat16"}})).dtype, DType::kBF16);
  EXPECT_EQ(model_config_of(with({{"torch_dtype", "auto"}})).dtype, std::nullopt);
  EXPECT_EQ(model_config_of(with({{"hidden_size", 100}, {"head_dim", 32}})).head_dim, 32);
  EXPECT_THAT(model_config_of(with({{"intermediate_size", {1, 2, 3, 4, 5}}})).intermediate_size,
              ElementsAre(1, 2, 3, 4, 5));
  Json no_name = without("architectures");
  no_name["model_type"] = "qwen3";
  EXPECT_EQ(model_config_of(no_name).architecture, "Qwen3ForCausalLM");
}

TEST(ModelConfig, BiasesFollowTheArchitectureAndTheFile) {
  const auto biases = [](const char* architecture, const Json& keys) {
    const ModelConfig c = model_config_of(with(keys, base(architecture)));
    return std::tuple(c.qkv_bias, c.o_bias, c.mlp_bias);
  };
  const char* pangu = "PanguEmbeddedForCausalLM";
  EXPECT_EQ(biases(pangu, {{"bias", true}}), std::tuple(true, true, false));
  EXPECT_EQ(biases(pangu, Json::object()), std::tuple(true, true, false));
  EXPECT_EQ(biases(pangu, {{"bias", false}}), std::tuple(false, false, false));
  EXPECT_EQ(biases(pangu, {{"bias", false}, {"qkv_bias", true}}), std::tuple(true, false, false));
  EXPECT_EQ(biases("LlamaForCausalLM", {{"attention_bias", true}, {"mlp_bias", true}}),
            std::tuple(true, true, true));
  EXPECT_EQ(biases("Qwen2ForCausalLM", Json::object()), std::tuple(true, false, false));
  EXPECT_EQ(biases("Qwen2ForCausalLM", {{"attention_bias", false}}),
            std::tuple(true, false, false));
  EXPECT_EQ(biases("Qwen3ForCausalLM", Json::object()), std::tuple(false, false, false));
  EXPECT_EQ(biases("MistralForCausalLM", Json::object()), std::tuple(false, false, false));
}

TEST(ModelConfig, SlidingWindowCountsOnlyWhereItLimits) {
  const auto window = [](const char* architecture, const Json& keys) {
    return model_config_of(with(keys, base(architecture))).sliding_window;
  };
  EXPECT_EQ(window("MistralForCausalLM", {{"sliding_window", 128}}), 128);
  EXPECT_EQ(window("MistralForCausalLM", {{"sliding_window", 512}}), std::nullopt);
  EXPECT_EQ(window("MistralForCausalLM", {{"sliding_window", nullptr}}), std::nullopt);
  EXPECT_EQ(window("Qwen2ForCausalLM", {{"sliding_window", 128}}), std::nullopt);
  EXPECT_EQ(window("Qwen2ForCausalLM", {{"sliding_window", 128}, {"use_sliding_window", false}}),
            std::nullopt);
  EXPECT_EQ(window("Qwen2ForCausalLM", {{"sliding_window", 128}, {"use_sliding_window", true}}),
            128);
  EXPECT_EQ(window("Qwen3ForCausalLM", {{"sliding_window", 128},
                                        {"layer_types", {"full_attention", "sliding_attention"}}}),
            128);
  EXPECT_EQ(
      window("Qwen3ForCausalLM", {{"sliding_window", 128}, {"layer_types", {"full_attention"}}}),
      std::nullopt);
}

TEST(ModelConfig, EveryMissingKeyIsNamed) {
  for (const char* key :
       {"architectures", "hidden_size", "intermediate_size", "num_hidden_layers",
        "num_attention_heads", "vocab_size", "max_position_embeddings", "rms_norm_eps"}) {
    PANGU_EXPECT_ERROR(model_config_of(without(key)), ConfigError, "config.json", key, "is missing",
                       "expected");
  }
  PANGU_EXPECT_ERROR(model_config_of(without("rope_theta", base("PanguEmbeddedForCausalLM"))),
                     ConfigError, "rope_theta is missing");
}

TEST(ModelConfig, EveryWrongValueIsNamed) {
  const std::pair<const char*, Json> wrong[] = {{"hidden_size", 0},
                                                {"hidden_size", "64"},
                                                {"hidden_size", 64.0},
                                                {"hidden_size", 1'000'001},
                                                {"hidden_size", 60},
                                                {"hidden_size", 8},
                                                {"hidden_size", 16384},
                                                {"hidden_size", {64}},
                                                {"intermediate_size", 0},
                                                {"intermediate_size", {1, 2, 3, 4}},
                                                {"intermediate_size", {1, 2, 3, 4, 0}},
                                                {"intermediate_size", {{"a", 1}}},
                                                {"intermediate_size", Json::array()},
                                                {"num_hidden_layers", -1},
                                                {"num_hidden_layers", 1001},
                                                {"num_hidden_layers", true},
                                                {"num_attention_heads", 0},
                                                {"num_attention_heads", 1e30},
                                                {"num_key_value_heads", 0},
                                                {"num_key_value_heads", 3},
                                                {"num_key_value_heads", 16},
                                                {"head_dim", 0},
                                                {"head_dim", 7},
                                                {"head_dim", 1026},
                                                {"head_dim", "8"},
                                                {"vocab_size", 0},
                                                {"vocab_size", 10'000'001},
                                                {"max_position_embeddings", 0},
                                                {"rms_norm_eps", 0},
                                                {"rms_norm_eps", -1e-5},
                                                {"rms_norm_eps", "1e-5"},
                                                {"rms_norm_eps", nullptr},
                                                {"rope_theta", 0},
                                                {"rope_theta", -1e4},
                                                {"rope_theta", 1e300},
                                                {"rope_theta", "1e4"},
                                                {"tie_word_embeddings", 1},
                                                {"tie_word_embeddings", "false"},
                                                {"hidden_act", 1},
                                                {"sliding_window", "x"},
                                                {"use_sliding_window", "yes"},
                                                {"layer_types", "full"},
                                                {"attention_bias", "true"},
                                                {"mlp_bias", 0},
                                                {"bos_token_id", 512},
                                                {"bos_token_id", -2},
                                                {"eos_token_id", 512},
                                                {"eos_token_id", {2, 512}},
                                                {"eos_token_id", "2"},
                                                {"eos_token_id", {{2}}},
                                                {"pad_token_id", 1.5},
                                                {"torch_dtype", 32},
                                                {"pruning_config", 1},
                                                {"architectures", "Llama"},
                                                {"architectures", Json::array()},
                                                {"architectures", {7}},
                                                {"is_causal", "no"},
                                                {"rope_scaling", "linear"},
                                                {"rope_parameters", Json::array()},
                                                {"model_type", 1}};
  for (const auto& [key, value] : wrong) {
    Json json = with({{key, value}});
    if (std::string_view(key).ends_with("sliding_window") ||
        std::string_view(key) == "layer_types") {
      json["architectures"] = {"MistralForCausalLM"};
      if (!json.contains("sliding_window")) json["sliding_window"] = 4;
    }
    SCOPED_TRACE(value.dump());
    PANGU_EXPECT_ERROR(model_config_of(json), ConfigError, "config.json", key, "was expected");
  }
  PANGU_EXPECT_ERROR(model_config_of(Json::array()), ConfigError, "config.json", "object");
}

TEST(ModelConfig, WhatIsUnsupportedIsSaid) {
  PANGU_EXPECT_ERROR(model_config_of(base("GPT2LMHeadModel")), Unsupported, "config.json",
                     "'GPT2LMHeadModel'", "PanguEmbeddedForCausalLM", "Qwen3ForCausalLM");
  PANGU_EXPECT_ERROR(model_config_of(with({{"hidden_act", "gelu"}})), Unsupported, "'gelu'",
                     "silu");
  PANGU_EXPECT_ERROR(model_config_of(with({{"quantization_config", {{"quant_method", "gptq"}}}})),
                     Unsupported, "'gptq'");
  PANGU_EXPECT_ERROR(model_config_of(with({{"quantization_config", Json::object()}})), Unsupported,
                     "'unnamed'");
  EXPECT_EQ(
      model_config_of(with({{"quantization_config",
                             {{"quant_method", "pangu"}, {"version", 1}, {"format", "w8a16"}}}}))
          .quantization->format,
      WeightFormat::kW8A16);
  PANGU_EXPECT_ERROR(model_config_of(with({{"is_causal", false}})), Unsupported, "is_causal");
  PANGU_EXPECT_ERROR(model_config_of(with({{"interleaved_sliding_window", 4}})), Unsupported,
                     "interleaved");
  PANGU_EXPECT_ERROR(model_config_of(with({{"layer_types", {"linear_attention"}}})), Unsupported,
                     "linear_attention");
  PANGU_EXPECT_ERROR(ModelConfig{}.row(), Unsupported, "''");
}

TEST(ModelConfig, CountsParametersAsTheModelsDo) {
  const ParameterCount small = parameter_count(*named_shape("openpangu-embedded-1b"));
  EXPECT_EQ(small.total(), 1'155'912'192);
  EXPECT_EQ(small.total() - small.embedding, 920'326'656);
  EXPECT_EQ(small.head, 0);
  // Two for every parameter that is neither norm nor bias (of q, k, v and o).
  EXPECT_EQ(product_flops(*named_shape("openpangu-embedded-1b")),
            2 * (std::int64_t{1'155'912'192} - 53 * 1536 - 26 * (2 * 1536 + 1536)));
  const ParameterCount large = parameter_count(*named_shape("openpangu-embedded-7b"));
  EXPECT_EQ(large.total(), 8'030'887'936);
  EXPECT_EQ(large.total() - large.embedding - large.head, 6'774'431'744);
  EXPECT_EQ((large.attention + large.mlp) / 34 + 2 * 4096, 199'247'872);

  // One layer by hand: q and o 16x8, k and v 4x8 for 4 heads, 1 KV head of 4; MLP 3x8x5 + 5 + 5
  // + 8.
  const ModelConfig c = model_config_of(with({{"hidden_size", 8},
                                              {"head_dim", 4},
                                              {"num_attention_heads", 4},
                                              {"num_key_value_heads", 1},
                                              {"num_hidden_layers", 1},
                                              {"intermediate_size", 5},
                                              {"vocab_size", 3},
                                              {"attention_bias", true},
                                              {"mlp_bias", true}}));
  const ParameterCount count = parameter_count(c);
  EXPECT_EQ(count.attention, 2 * 16 * 8 + 2 * 4 * 8 + 16 + 4 + 4 + 8);
  EXPECT_EQ(count.mlp, 3 * 8 * 5 + 5 + 5 + 8);
  EXPECT_EQ(count.norms, 3 * 8);
  EXPECT_EQ(count.embedding, 24);
  EXPECT_EQ(count.head, 24);
}

TEST(ModelConfig, WrittenConfigsReadBackTheSame) {
  std::vector<ModelConfig> configs{
      model_config_of(with({{"intermediate_size", {1, 2, 3, 4, 5}},
                            {"eos_token_id", {1, 2}},
                            {"pad_token_id", 3},
                            {"mlp_bias", true},
                            {"pruning_config", {{"x", 1}}}})),
      model_config_of(
          with({{"sliding_window", 100}, {"bos_token_id", 1}}, base("MistralForCausalLM"))),
      model_config_of(with({{"bias", false}, {"qkv_bias", true}, {"dtype", "float32"}},
                           base("PanguEmbeddedForCausalLM"))),
      model_config_of(
          with({{"rope_scaling", {{"type", "yarn"}, {"factor", 4.0}, {"mscale", 0.7}}}}))};
  for (const std::string_view name : shape_names()) configs.push_back(*named_shape(name));
  for (const ModelConfig& config : configs) {
    const Json json = to_json(config);
    EXPECT_EQ(model_config_of(json), config) << json.dump();
    EXPECT_EQ(model_config_of(parse_json(json.dump(2), "config.json")), config);
  }
}

TEST(NamedShape, KnowsThePanguModels) {
  const ModelConfig c = *named_shape("openpangu-embedded-1b");
  EXPECT_EQ(c.hidden_size, 1536);
  EXPECT_EQ(c.n_layers, 26);
  EXPECT_EQ(c.n_kv_heads, 6);
  EXPECT_THAT(c.intermediate_size, Each(6144));
  EXPECT_EQ(c.rope.theta, 4e6);
  EXPECT_TRUE(c.tie_word_embeddings && c.qkv_bias && c.o_bias);
  EXPECT_EQ(named_shape("openpangu-embedded-2b"), std::nullopt);
  EXPECT_EQ(shape_names().front(), "openpangu-embedded-1b");
}

TEST(ReadModelConfig, ReadsFoldersAndFilesAndExplainsMissingOnes) {
  test::ScratchDir dir;
  PANGU_EXPECT_ERROR(read_model_config(dir.path()), FileError, "config.json", "No such file");
  test::write_file(dir / "config.json", base().dump());
  EXPECT_EQ(read_model_config(dir.path()), read_model_config(dir / "config.json"));
  test::write_file(dir / "config.json", "{");
  PANGU_EXPECT_ERROR(read_model_config(dir.path()), FileError, "config.json", "JSON");
  test::write_file(dir / "config.json", std::string(5 << 20, ' '));
  PANGU_EXPECT_ERROR(read_model_config(dir.path()), FileError, "at most 4194304");
}

TEST(ReadModelConfig, FitsTheSharedModels) {
  PANGU_NEEDS_SHARED_DATA();
  const auto models = test::shared_dir() / "models";
  for (const auto& [folder, extra_bytes] : {std::pair{"stories260K", 0},
                                            {"pangu-embedded-tiny", 0},
                                            {"pangu-embedded-tiny-untied", 0}}) {
    const ModelConfig config = read_model_config(models / folder);
    const Checkpoint checkpoint = Checkpoint::open(models / folder);
    const auto bytes = static_cast<std::uint64_t>(parameter_count(config).total()) *
                       size_bytes(config.dtype.value());
    EXPECT_EQ(checkpoint.total_bytes(), bytes + extra_bytes) << folder;
  }
  ModelConfig large = read_model_config(models / "openpangu-embedded-7b");
  EXPECT_EQ(large.eos_token_ids, (std::vector<TokenId>{45892}));
  large.bos_token_id = large.pad_token_id = std::nullopt;
  large.eos_token_ids.clear();
  EXPECT_EQ(large, *named_shape("openpangu-embedded-7b"));
}

}  // namespace
}  // namespace pangu
