// SPDX-License-Identifier: Apache-2.0
// Configs written as GGUF keys and read back, and keys as other programs write them.
#include "models/gguf/gguf_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "models/config/config_shapes.h"
#include "models/gguf/gguf_layout.h"
#include "models/gguf/gguf_rope.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Notes = std::vector<std::string>;

/// Tensors by name and dimensions, all f32 zeros.
using Shapes = std::map<std::string, std::vector<std::uint64_t>>;

/// Writes keys and tensors, and reads the config.
ModelConfig read_back(const GgufKeys& keys, const Shapes& shapes,
                      const std::vector<float>& factors = {}) {
  const test::ScratchDir dir;
  std::vector<GgufEntry> entries;
  for (const auto& [name, dims] : shapes) {
    entries.push_back({.name = name, .dims = dims});
    const std::vector<std::byte> zeros(entries.back().bytes());
    entries.back().produce = [zeros](const ByteSink& sink) { sink(zeros); };
  }
  if (!factors.empty()) {
    entries.push_back({.name = std::string(kRopeFactorsTensor),
                       .dims = {factors.size()},
                       .data = std::as_bytes(std::span(factors))});
  }
  write_gguf(dir / "m.gguf", keys, entries);
  return gguf_model_config(GgufFile(dir / "m.gguf").content());
}

ModelConfig small(std::string_view shape) {
  ModelConfig c = *named_shape(shape);
  c.hidden_size = 24;
  c.n_layers = 2;
  c.n_heads = 4;
  c.n_kv_heads = 2;
  c.head_dim = 8;  // not hidden_size / n_heads
  c.intermediate_size = {40, 40};
  c.vocab_size = 5;
  c.bos_token_id = 1;
  c.eos_token_ids = {2, 3};
  c.pad_token_id = 0;
  c.dtype = DType::kF32;
  return c;
}

GgufKeys keys_of(const ModelConfig& c, Notes& notes) {
  GgufKeys keys;
  keys.put_string("general.architecture", gguf_architecture_of(c).name);
  put_model_config(c, keys, notes);
  put_end_tokens(c.eos_token_ids, keys, notes);
  keys.put_u32("tokenizer.ggml.bos_token_id", 1);
  keys.put_u32("tokenizer.ggml.padding_token_id", 0);
  return keys;
}

Shapes shapes_of(const ModelConfig& c) {
  Shapes shapes{{"token_embd.weight", {24, 5}}};
  if (!c.tie_word_embeddings) shapes["output.weight"] = {24, 5};
  if (c.qkv_bias) shapes["blk.0.attn_q.bias"] = {32};
  if (c.o_bias) shapes["blk.0.attn_output.bias"] = {24};
  if (c.mlp_bias) shapes["blk.0.ffn_gate.bias"] = {40};
  return shapes;
}

/// Expects to read what is written, and returns the notes.
Notes expect_round_trip(const ModelConfig& c) {
  Notes notes;
  const ModelConfig back = read_back(keys_of(c, notes), shapes_of(c), rope_factors(c));
  EXPECT_EQ(to_json(back), to_json(c));
  EXPECT_EQ(back, c);
  return notes;
}

TEST(GgufConfig, EveryArchitectureIsReadBack) {
  for (const char* shape : {"openpangu-embedded-1b", "openpangu-embedded-7b", "tinyllama-1.1b",
                            "qwen2.5-7b", "qwen3-0.6b"}) {
    SCOPED_TRACE(shape);
    EXPECT_THAT(expect_round_trip(small(shape)), IsEmpty());
  }
}

TEST(GgufConfig, WhatDepartsFromTheRuleIsReadBack) {
  ModelConfig c = small("openpangu-embedded-1b");
  c.intermediate_size = {40, 24};
  c.sliding_window = 100;
  c.mlp_bias = true;
  c.rms_norm_eps = 2.5e-7;
  const Notes notes = expect_round_trip(c);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("differ in width"), HasSubstr("window of 100")));
}

TEST(GgufConfig, MistralBecomesLlama) {
  ModelConfig c = small("tinyllama-1.1b");
  c.architecture = "MistralForCausalLM";
  Notes notes;
  EXPECT_EQ(read_back(keys_of(c, notes), shapes_of(c)).architecture, "LlamaForCausalLM");
}

TEST(GgufConfig, RopeScalingIsReadBack) {
  ModelConfig c = small("tinyllama-1.1b");
  c.rope = {.theta = 5e5, .type = RopeConfig::Type::kLinear, .factor = 2.5};
  EXPECT_THAT(expect_round_trip(c), IsEmpty());
  c.rope = {.theta = 5e5,
            .type = RopeConfig::Type::kLlama3,
            .factor = 32,
            .original_max_position_embeddings = 4096,
            .low_freq_factor = 1.5,
            .high_freq_factor = 5};
  EXPECT_THAT(expect_round_trip(c), IsEmpty());
  c.rope = {.theta = 1e6,
            .type = RopeConfig::Type::kYarn,
            .factor = 4,
            .original_max_position_embeddings = 4096,
            .beta_fast = 20,
            .beta_slow = 2};
  EXPECT_THAT(expect_round_trip(c), IsEmpty());

  c.rope.attention_factor = 1.25;
  c.rope.truncate = false;
  Notes notes;
  const ModelConfig back = read_back(keys_of(c, notes), shapes_of(c));
  ASSERT_TRUE(back.rope.attention_factor.has_value());
  EXPECT_NEAR(*back.rope.attention_factor, 1.25, 1e-6);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("truncation")));

  notes.clear();
  c.rope = {.theta = 1e4, .type = RopeConfig::Type::kDynamic, .factor = 2};
  EXPECT_EQ(read_back(keys_of(c, notes), shapes_of(c)).rope.type, RopeConfig::Type::kDefault);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("2048 tokens")));
}

/// Keys as llama.cpp's converter writes them, for tests that add one or change one.
class Keys {
 public:
  Keys() {
    put("embedding_length", 24u).put("block_count", 2u).put("context_length", 64u);
    put("attention.head_count", 3u).put("feed_forward_length", 40u);
    shapes_["token_embd.weight"] = {24, 5};
  }
  Keys& put(const std::string& key, std::uint32_t value) {
    return with(key, [=](GgufKeys& k) { k.put_u32("llama." + key, value); });
  }
  Keys& put(const std::string& key, float value) {
    return with(key, [=](GgufKeys& k) { k.put_f32("llama." + key, value); });
  }
  Keys& put(const std::string& key, const char* value) {
    return with(key, [=](GgufKeys& k) { k.put_string("llama." + key, value); });
  }
  Keys& put(const std::string& key, const std::vector<std::uint32_t>& values) {
    return with(key, [=](GgufKeys& k) { k.put_u32s("llama." + key, values); });
  }
  Keys& put(const std::string& key, bool value) {
    return with(key, [=](GgufKeys& k) { k.put_bool("llama." + key, value); });
  }
  Keys& without(const std::string& key) {
    put_.erase(key);
    return *this;
  }
  Keys& tensor(const std::string& name, const std::vector<std::uint64_t>& dims) {
    shapes_[name] = dims;
    return *this;
  }
  Keys& without_tensors() {
    shapes_.clear();
    return *this;
  }
  Keys& factors(std::vector<float> factors) {
    factors_ = std::move(factors);
    return *this;
  }
  ModelConfig read(std::string_view architecture = "llama") const {
    GgufKeys keys;
    keys.put_string("general.architecture", architecture);
    for (const auto& [name, put] : put_) put(keys);
    if (!put_.contains("attention.layer_norm_rms_epsilon")) {
      keys.put_f32("llama.attention.layer_norm_rms_epsilon", 1e-5f);
    }
    return read_back(keys, shapes_, factors_);
  }

 private:
  Keys& with(const std::string& key, std::function<void(GgufKeys&)> put) {
    put_[key] = std::move(put);
    return *this;
  }
  std::map<std::string, std::function<void(GgufKeys&)>> put_;
  Shapes shapes_;
  std::vector<float> factors_;
};

TEST(GgufConfig, DefaultsAreThoseOfOtherReaders) {
  const ModelConfig c = Keys().read();
  EXPECT_EQ(c.n_kv_heads, 3);
  EXPECT_EQ(c.head_dim, 8);
  EXPECT_EQ(c.rope.theta, 1e4);
  EXPECT_EQ(c.rope.type, RopeConfig::Type::kDefault);
  EXPECT_EQ(c.rms_norm_eps, 1e-5);
  EXPECT_EQ(c.vocab_size, 5);
  EXPECT_TRUE(c.tie_word_embeddings);
  EXPECT_FALSE(c.qkv_bias);
  EXPECT_THAT(c.eos_token_ids, IsEmpty());
  EXPECT_EQ(c.sliding_window, std::nullopt);
}

TEST(GgufConfig, ReadsFormsOfOtherWriters) {
  using enum RopeConfig::Type;
  EXPECT_EQ(Keys().put("rope.scale_linear", 4.0f).read().rope.type, kLinear);
  EXPECT_EQ(Keys().put("rope.scaling.type", "none").read().rope.type, kDefault);
  EXPECT_EQ(Keys().put("rope.scaling.type", "linear").read().rope.type, kDefault);
  EXPECT_EQ(Keys().factors({1, 1, 1, 1}).read().rope.type, kDefault);
  EXPECT_EQ(Keys().put("attention.head_count", {3, 3}).read().n_heads, 3);
  EXPECT_THAT(Keys().put("feed_forward_length", {40, 24}).read().intermediate_size,
              ElementsAre(40, 24));
  EXPECT_TRUE(Keys().tensor("blk.0.attn_qkv.bias", {72}).read().qkv_bias);
  EXPECT_EQ(Keys().put("attention.sliding_window", 0u).read().sliding_window, std::nullopt);
  EXPECT_EQ(Keys().put("attention.sliding_window", 32u).read().sliding_window, 32);
  // A file of a Llama 3 model gives the factors and nothing else.
  ModelConfig c = Keys().put("rope.freq_base", 5e5f).read();
  c.rope.type = kLlama3;
  c.rope.factor = 8;
  c.rope.high_freq_factor = 4;
  c.rope.original_max_position_embeddings = 8192;
  EXPECT_EQ(Keys().put("rope.freq_base", 5e5f).factors(rope_factors(c)).read().rope, c.rope);
  const RopeConfig yarn = Keys()
                              .put("rope.scaling.type", "yarn")
                              .put("rope.scaling.factor", 4.0f)
                              .put("rope.scaling.yarn_log_multiplier", 0.5f)
                              .read()
                              .rope;
  EXPECT_EQ(yarn.original_max_position_embeddings, 64);
  EXPECT_NEAR(*yarn.attention_factor, (0.1 * std::log(4) + 1) / (0.05 * std::log(4) + 1), 1e-9);
}

TEST(GgufConfig, RefusesWhatCannotBe) {
  PANGU_EXPECT_ERROR(Keys().without("block_count").read(), ConfigError, "llama.block_count",
                     "missing");
  PANGU_EXPECT_ERROR(Keys().put("block_count", 0u).read(), ConfigError, "from 1 to 1000");
  PANGU_EXPECT_ERROR(Keys().put("attention.head_count_kv", 2u).read(), ConfigError,
                     "head_count_kv is 2", "divisor of head_count = 3");
  PANGU_EXPECT_ERROR(Keys().put("attention.key_length", 7u).read(), ConfigError, "key_length is 7",
                     "even");
  PANGU_EXPECT_ERROR(Keys().put("attention.value_length", 4u).read(), ConfigError,
                     "value_length is 4", "8");
  PANGU_EXPECT_ERROR(Keys().put("feed_forward_length", {1, 2, 3}).read(), ConfigError, "array of 3",
                     "2 layers");
  PANGU_EXPECT_ERROR(Keys().put("attention.layer_norm_rms_epsilon", 0.0f).read(), ConfigError,
                     "epsilon is 0");
  PANGU_EXPECT_ERROR(Keys().put("rope.freq_base", -1.0f).read(), ConfigError, "freq_base is -1");
  PANGU_EXPECT_ERROR(Keys().put("rope.freq_base", 0.0f).read(), ConfigError, "freq_base is 0");
  PANGU_EXPECT_ERROR(Keys().put("rope.freq_base", 1.0f).read(), ConfigError, "above 1");
  PANGU_EXPECT_ERROR(Keys().without_tensors().read(), FileError, "no token_embd.weight",
                     "only a vocabulary");
  PANGU_EXPECT_ERROR(Keys().tensor("token_embd.weight", {25, 5}).read(), ShapeError, "[25, 5]",
                     "[24, vocabulary]");
  PANGU_EXPECT_ERROR(Keys().factors({2, 2, 2}).read(), FileError, "rope_freqs.weight", "f32 [4]");
}

TEST(GgufConfig, RefusesWhatIsNotSupported) {
  PANGU_EXPECT_ERROR(Keys().read("gemma3"), Unsupported, "'gemma3'", "pangu-embedded, llama");
  PANGU_EXPECT_ERROR(Keys().put("expert_count", 8u).read(), Unsupported, "llama.expert_count is 8");
  PANGU_EXPECT_ERROR(Keys().put("logit_scale", 0.5f).read(), Unsupported, "logit_scale is 0.5");
  PANGU_EXPECT_ERROR(Keys().put("attention.causal", false).read(), Unsupported, "causal is false");
  PANGU_EXPECT_ERROR(Keys().put("attention.head_count", {3, 4}).read(), Unsupported,
                     "head_count differs between layers");
  PANGU_EXPECT_ERROR(Keys().put("rope.dimension_count", 4u).read(), Unsupported,
                     "dimension_count is 4", "8");
  PANGU_EXPECT_ERROR(Keys().put("rope.scaling.type", "longrope").read(), Unsupported, "'longrope'");
  PANGU_EXPECT_ERROR(Keys().put("rope.scaling.factor", 1e7f).read(), Unsupported, "10000000");
  PANGU_EXPECT_ERROR(Keys().put("rope.freq_base_swa", 1e4f).read(), Unsupported,
                     "rope.freq_base_swa is 10000");
  PANGU_EXPECT_ERROR(Keys().put("rope.scaling.factor", 2.0f).put("rope.scale_linear", 4.0f).read(),
                     ConfigError, "rope.scaling.factor is 2", "rope.scale_linear is 4");
  PANGU_EXPECT_ERROR(Keys().factors({1, 2, 3, 4}).read(), Unsupported, "from 1 to 4",
                     "not those of Llama 3");
  PANGU_EXPECT_ERROR(Keys().put("rope.scaling.factor", 2.0f).factors({1, 2, 3, 4}).read(),
                     Unsupported, "beside linear");
  PANGU_EXPECT_ERROR(
      Keys().put("rope.scaling.type", "yarn").put("rope.scaling.yarn_ext_factor", 0.5f).read(),
      Unsupported, "yarn_ext_factor is 0.5");
}

GenerationConfig generation_of(const GgufKeys& keys) {
  const test::ScratchDir dir;
  write_gguf(dir / "m.gguf", keys, {});
  return gguf_generation_config(GgufFile(dir / "m.gguf").metadata());
}

TEST(GgufConfig, SamplingAdviceIsReadBack) {
  GenerationConfig c{.do_sample = true,
                     .temperature = 0.7,
                     .top_k = 20,
                     .top_p = 0.8,
                     .min_p = 0.05,
                     .repetition_penalty = 1.1};
  c.eos_token_ids = {7, 3, 5};
  Notes notes;
  GgufKeys keys;
  put_generation_config(c, keys);
  put_end_tokens({7, 3, 5, 9}, keys, notes);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("4 tokens")));
  EXPECT_EQ(generation_of(keys), c);
  EXPECT_EQ(parse_generation_config(to_json(c), "g.json"), c);

  GgufKeys none;
  put_generation_config(GenerationConfig{}, none);
  EXPECT_EQ(none.count(), 0u);
  EXPECT_EQ(generation_of(none), GenerationConfig{});
  EXPECT_EQ(parse_generation_config(to_json(GenerationConfig{}), "g.json"), GenerationConfig{});
}

TEST(GgufConfig, SamplingAdviceOfOtherWriters) {
  GgufKeys keys;
  keys.put_i32("general.sampling.top_k", -1);
  keys.put_u32("tokenizer.ggml.padding_token_id", UINT32_MAX);
  const GenerationConfig c = generation_of(keys);
  EXPECT_TRUE(c.do_sample);
  EXPECT_EQ(c.top_k, 0);
  EXPECT_EQ(c.pad_token_id, std::nullopt);
  GgufKeys greedy;
  greedy.put_f32("general.sampling.temp", 0);
  EXPECT_FALSE(generation_of(greedy).do_sample);
  GgufKeys wrong;
  wrong.put_f32("general.sampling.top_p", 2);
  PANGU_EXPECT_ERROR(generation_of(wrong), ConfigError, "general.sampling.top_p is 2");
}

TEST(GgufConfig, KeepsHowAModelWasPruned) {
  Notes notes;
  ModelConfig c = small("openpangu-embedded-1b");
  c.intermediate_size = {40, 16};
  c.pruning_config = {{"method", "activation"}, {"kept", {0.5, 0.25}}, {"note", "\u76d8\u53e4"}};
  const GgufKeys keys = keys_of(c, notes);
  const ModelConfig back = read_back(keys, shapes_of(c));
  EXPECT_EQ(back.pruning_config, c.pruning_config);
  EXPECT_EQ(back.intermediate_size, c.intermediate_size);

  GgufKeys bad = keys_of(small("openpangu-embedded-1b"), notes);
  bad.put_string("pangu.pruning_config", "[1]");
  PANGU_EXPECT_ERROR(read_back(bad, shapes_of(c)), ConfigError, "m.gguf", "pangu.pruning_config",
                     "a JSON object");
  GgufKeys torn = keys_of(small("openpangu-embedded-1b"), notes);
  torn.put_string("pangu.pruning_config", "{");
  PANGU_EXPECT_ERROR(read_back(torn, shapes_of(c)), FileError, "m.gguf", "pangu.pruning_config");
}

}  // namespace
}  // namespace pangu
