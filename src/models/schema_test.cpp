// SPDX-License-Identifier: Apache-2.0
#include "models/schema.h"

#include <gmock/gmock.h>

#include <set>

#include "models/config/config_shapes.h"
#include "models/parameter_count.h"
#include "tests/support/random_checkpoint.h"

namespace pangu {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_of(const std::vector<TensorSpec>& tensors) {
  std::vector<std::string> names;
  for (const TensorSpec& t : tensors) names.push_back(t.name);
  return names;
}

class SchemaTest : public testing::TestWithParam<std::string_view> {
 protected:
  ModelConfig config_ = *named_shape(GetParam());
};

TEST_P(SchemaTest, EveryTensorIsFoundByBothItsNames) {
  std::set<std::string> names, gguf_names;
  for (const TensorSpec& t : model_tensors(config_)) {
    EXPECT_EQ(find_tensor(config_, t.name), t) << t.name;
    const std::string gguf = gguf_tensor_name(config_, t);
    EXPECT_EQ(hf_tensor_name(config_, gguf), t.name);
    EXPECT_TRUE(names.insert(t.name).second) << t.name;
    EXPECT_TRUE(gguf_names.insert(gguf).second) << gguf;
    EXPECT_EQ(t.is_matrix(), t.column_axis != Axis::kNone);
    EXPECT_GT(t.count(), 0);
  }
}

TEST_P(SchemaTest, ItsExpectedTensorsAreTheParameters) {
  std::int64_t count = 0;
  for (const TensorSpec& t : model_tensors(config_)) count += t.is_expected ? t.count() : 0;
  EXPECT_EQ(count, parameter_count(config_).total());
}

TEST_P(SchemaTest, EveryMatrixOfALayerIsFusedOnce) {
  std::vector<std::string> fused;
  for (const TensorInput input : {TensorInput::kAttentionNorm, TensorInput::kHeads,
                                  TensorInput::kMlpNorm, TensorInput::kNeurons}) {
    const auto matrices = fused_matrices(config_, 1, input);
    for (const TensorSpec& m : matrices) {
      EXPECT_EQ(m.k, matrices.front().k);
      fused.push_back(m.name);
    }
  }
  std::vector<TensorSpec> matrices = layer_tensors(config_, 1);
  std::erase_if(matrices, [](const TensorSpec& t) { return !t.is_matrix(); });
  EXPECT_EQ(fused, names_of(matrices));
}

INSTANTIATE_TEST_SUITE_P(Shapes, SchemaTest, testing::ValuesIn(shape_names()),
                         [](const auto& shape) {
                           std::string name(shape.param);
                           std::ranges::replace_if(
                               name, [](char c) { return std::isalnum(c) == 0; }, '_');
                           return name;
                         });

TEST(Schema, BiasesStandBehindTheirWeightsAndTheConfigAnnouncesThem) {
  ModelConfig config = test::odd_config();
  std::vector<std::string> expected;
  for (const TensorSpec& t : layer_tensors(config, 1)) {
    if (t.is_bias && t.is_expected) expected.push_back(t.name);
  }
  EXPECT_THAT(
      expected,
      ElementsAre("model.layers.1.self_attn.q_proj.bias", "model.layers.1.self_attn.k_proj.bias",
                  "model.layers.1.self_attn.v_proj.bias", "model.layers.1.self_attn.o_proj.bias"));
  const TensorSpec weight = tensor_of(config, TensorRole::kDown, 1);
  EXPECT_EQ(bias_name(weight), "model.layers.1.mlp.down_proj.bias");
  EXPECT_EQ(find_tensor(config, bias_name(weight))->rows, config.hidden_size);
  EXPECT_EQ(name_in_layer(config, weight, 7), "model.layers.7.mlp.down_proj.weight");
}

TEST(Schema, AxesFollowTheConfig) {
  const ModelConfig config = test::odd_config();  // 3 heads, 1 key/value head of 22; 70 and 256
  const auto check = [&](TensorRole role, std::int64_t rows, std::int64_t k) {
    const TensorSpec t = tensor_of(config, role, 1);
    EXPECT_EQ(t.rows, rows);
    EXPECT_EQ(t.k, k);
  };
  check(TensorRole::kQuery, 66, 96);
  check(TensorRole::kValue, 22, 96);
  check(TensorRole::kAttentionOutput, 96, 66);
  check(TensorRole::kUp, 256, 96);
  check(TensorRole::kDown, 96, 256);
  check(TensorRole::kMlpNorm, 96, 0);
  EXPECT_EQ(tensor_of(config, TensorRole::kUp, 0).rows, 70);
}

TEST(Schema, WhatNoModelHasIsNotFound) {
  const ModelConfig config = test::odd_config();  // 2 layers, no query/key norms
  for (const char* name :
       {"", "model.norm", "model.norm.bias", "model.embed_tokens.bias", "norm.weight",
        "model.layers.2.mlp.up_proj.weight", "model.layers.-1.mlp.up_proj.weight",
        "model.layers.01.mlp.up_proj.weight", "model.layers..mlp.up_proj.weight",
        "model.layers.1mlp.up_proj.weight", "model.layers.1.mlp.up_proj",
        "model.layers.1.mlp.up_proj.scale", "model.layers.1.model.norm.weight",
        "model.layers.0.self_attn.q_norm.weight", "mlp.up_proj.weight",
        "model.layers.99999999999999999999.mlp.up_proj.weight",
        "model.layers.0.mlp.experts.3.up_proj.weight", "visual.patch_embed.weight"}) {
    EXPECT_EQ(find_tensor(config, name), std::nullopt) << name;
  }
}

TEST(Schema, TheHeadIsFoundWhereTheEmbeddingServes) {
  ModelConfig config = test::odd_config();
  EXPECT_TRUE(find_tensor(config, "lm_head.weight")->is_expected);
  config.tie_word_embeddings = true;
  EXPECT_FALSE(find_tensor(config, "lm_head.weight")->is_expected);
  for (const TensorSpec& t : model_tensors(config)) EXPECT_NE(t.role, TensorRole::kHead);
}

}  // namespace
}  // namespace pangu
