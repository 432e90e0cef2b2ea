// SPDX-License-Identifier: Apache-2.0
// A cut model answers as the model did whose removed parts had no say.
#include "compress/cut.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "compress/cut_checkpoint.h"
#include "compress/mask.h"
#include "compress/testing/small_model.h"
#include "models/parameter_count.h"
#include "tests/support/random_checkpoint.h"

namespace pangu::compress {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CutTest : public ::testing::TestWithParam<const char*> {
 protected:
  ModelConfig config_ = test::small_config(GetParam());
  Context ctx_ = test::make_context();
  test::ScratchDir scratch_;
  TokenBatch text_ = test::random_text(70, 1, 24).front();

  std::vector<float> cut_logits(const Cut& cut, const TensorEdits& edits = {}) {
    std::filesystem::create_directories(scratch_ / "cut");
    sizes_ =
        cut_checkpoint(scratch_ / "model", scratch_ / "cut", cut, edits, {{"method", "test"}}, {});
    const test::SmallModel model(scratch_ / "cut");
    EXPECT_EQ(model.config.pruning_config, (Json{{"method", "test"}}));
    EXPECT_EQ(sizes_.parameters_after, parameter_count(model.config).total());
    return model.logits(text_, ctx_);
  }

  std::vector<float> logits() { return test::SmallModel(scratch_ / "model").logits(text_, ctx_); }

  CutSizes sizes_;
};

Cut some_neurons(const ModelConfig& config) {
  Cut cut = Cut::nothing(config);
  for (std::size_t l = 0; l < cut.within.size(); ++l) {
    Kept& kept = cut.within[l].neurons;
    std::erase_if(kept, [&](std::int32_t i) { return i % 3 == static_cast<int>(l) % 3; });
  }
  return cut;
}

bool ends(const std::string& name, std::string_view tail) {
  return name.ends_with(tail);
}

/// Zeroes what a layer's down_proj reads of the neurons that a cut removes.
void silence_neurons(const Cut& cut, const TrainableTensor& t, std::span<float> values) {
  if (!ends(t.spec.name, "mlp.down_proj.weight")) return;
  const auto layer = static_cast<std::size_t>(std::stoi(t.spec.name.substr(13)));
  const Kept& kept = cut.within[layer].neurons;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto column = static_cast<std::int32_t>(static_cast<std::int64_t>(i) % t.value.dim(1));
    if (!std::ranges::binary_search(kept, column)) values[i] = 0;
  }
}

TEST_P(CutTest, RemovingNeuronsThatWriteNothingChangesNothing) {
  const Cut cut = some_neurons(config_);
  test::write_model(scratch_ / "model", config_, ctx_, [&](const auto& t, std::span<float> values) {
    silence_neurons(cut, t, values);
  });
  EXPECT_LT(test::largest_difference(cut_logits(cut), logits()), 1e-5);
  EXPECT_LT(sizes_.parameters_after, sizes_.parameters_before);
  EXPECT_LT(sizes_.bytes_after, sizes_.bytes_before);
}

TEST_P(CutTest, RemovingHeadsThatNobodyReadsChangesNothing) {
  Cut cut = Cut::nothing(config_);
  for (LayerCut& layer : cut.within) layer.groups = {0, 2};
  test::write_model(scratch_ / "model", config_, ctx_, [](const auto& t, std::span<float> values) {
    if (!ends(t.spec.name, "self_attn.o_proj.weight")) return;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i % 48 / 16 == 1) values[i] = 0;
    }
  });
  EXPECT_LT(test::largest_difference(cut_logits(cut), logits()), 1e-5);
}

TEST_P(CutTest, RemovingLayersThatAddNothingChangesNothing) {
  Cut cut = Cut::nothing(config_);
  cut.layers = {0, 1, 3};
  test::write_model(scratch_ / "model", config_, ctx_, [](const auto& t, std::span<float> values) {
    if (!t.spec.name.starts_with("model.layers.2.")) return;
    const bool branch = t.spec.name.find("o_proj") != std::string::npos ||
                        t.spec.name.find("down_proj") != std::string::npos;
    if (branch) std::ranges::fill(values, 0.0f);
  });
  EXPECT_EQ(cut_logits(cut), logits());
}

/// A mask gives the answers of the cut in the old shapes.
TEST_P(CutTest, MaskedAndCutModelsAnswerAlike) {
  test::write_model(scratch_ / "model", config_, ctx_);
  Cut cut = some_neurons(config_);
  for (LayerCut& layer : cut.within) layer.groups = {1, 2};
  cut.layers = {0, 2, 3};
  const std::vector<float> want = cut_logits(cut);
  const test::SmallModel model(scratch_ / "model");
  TensorEdits edits;
  Cut masked = cut;
  mask_instead(masked, model.config, *model.source, edits, ctx_);
  std::filesystem::remove_all(scratch_ / "cut");
  EXPECT_LT(test::largest_difference(cut_logits(masked, edits), want), 1e-5);
  EXPECT_EQ(sizes_.parameters_after, sizes_.parameters_before);
}

TEST_P(CutTest, ChannelsAreCutFromEveryTensor) {
  test::write_model(scratch_ / "model", config_, ctx_);
  Cut cut = Cut::nothing(config_);
  std::erase_if(cut.channels, [](std::int32_t c) { return c % 5 == 0; });
  const std::vector<float> got = cut_logits(cut);
  EXPECT_EQ(got.size(), logits().size());
  const test::SmallModel model(scratch_ / "cut");
  EXPECT_EQ(model.config.hidden_size, 32);
  EXPECT_EQ(model.config.head_dim, 8);
  TensorEdits edits;
  EXPECT_THROW(mask_instead(cut, config_, *model.source, edits, ctx_), ConfigError);
}

TEST_P(CutTest, WhatIsNotCutIsCopiedBitForBit) {
  test::write_model(scratch_ / "model", config_, ctx_);
  EXPECT_EQ(cut_logits(Cut::nothing(config_)), logits());
  const Checkpoint before = Checkpoint::open(scratch_ / "model");
  const Checkpoint after = Checkpoint::open(scratch_ / "cut");
  ASSERT_EQ(before.names(), after.names());
  for (const auto& [name, view] : before.tensors()) {
    EXPECT_TRUE(std::ranges::equal(view->data, after.find(name)->data)) << name;
  }
}

TEST_P(CutTest, AStoredHeadThatDiffersIsCutUnderATiedConfig) {
  config_.tie_word_embeddings = false;
  test::write_model(scratch_ / "model", config_, ctx_);
  const std::vector<float> want = logits();
  pangu::test::set_config_json(scratch_ / "model", "tie_word_embeddings", true);
  EXPECT_EQ(cut_logits(Cut::nothing(config_)), want);
  EXPECT_EQ(read_json(scratch_ / "cut/config.json")["tie_word_embeddings"], false);
}

TEST_P(CutTest, AHeadThatRepeatsTheEmbeddingIsLeftOut) {
  config_.tie_word_embeddings = true;
  test::write_model(scratch_ / "model", config_, ctx_);
  const std::vector<float> want = logits();
  pangu::test::repeat_embedding_as_head(scratch_ / "model");
  EXPECT_EQ(cut_logits(Cut::nothing(config_)), want);
  EXPECT_EQ(Checkpoint::open(scratch_ / "cut").find("lm_head.weight"), nullptr);
}

TEST_P(CutTest, TensorsOfOtherModelsAreRefused) {
  test::write_model(scratch_ / "model", config_, ctx_);
  std::filesystem::create_directories(scratch_ / "cut");
  pangu::test::repeat_tensor(scratch_ / "model", "model.norm.weight",
                             "model.layers.0.mlp.experts.3.up_proj.weight");
  PANGU_EXPECT_ERROR(
      cut_checkpoint(scratch_ / "model", scratch_ / "cut", Cut::nothing(config_), {}, {}, {}),
      Unsupported, std::string("model.layers.0.mlp.experts.3.up_proj.weight"),
      config_.architecture);
}

INSTANTIATE_TEST_SUITE_P(Shapes, CutTest,
                         ::testing::Values("openpangu-embedded-1b", "openpangu-embedded-7b",
                                           "qwen3-0.6b", "pangu-ultra-135b"),
                         [](const auto& name) {
                           std::string text = name.param;
                           std::erase_if(text, [](char c) { return c == '-' || c == '.'; });
                           return text;
                         });

TEST(CutConfig, SaysSizesAsLoadersReadThem) {
  const ModelConfig config = test::small_config();
  Cut cut = Cut::nothing(config);
  for (LayerCut& layer : cut.within) layer.groups = {1};
  for (LayerCut& layer : cut.within) layer.neurons = all_of(32);
  Json json = cut_config_json(to_json(config), config, cut);
  EXPECT_EQ(json["intermediate_size"], 32);
  EXPECT_EQ(json["num_key_value_heads"], 1);
  EXPECT_EQ(json["num_attention_heads"], 2);
  EXPECT_EQ(json["head_dim"], 8);
  cut.within[1].neurons = all_of(16);
  json = cut_config_json(to_json(config), config, cut);
  EXPECT_EQ(json["intermediate_size"], (Json{32, 16, 32, 32}));
  EXPECT_THAT(cut_config(config, cut).intermediate_size, ElementsAre(32, 16, 32, 32));
  const ModelConfig again = parse_model_config(json, "config.json");
  EXPECT_EQ(again.intermediate_size, cut_config(config, cut).intermediate_size);
}

TEST(CutConfig, KeepsTheTypesOfLayersThatStay) {
  const ModelConfig config = test::small_config("qwen3-0.6b");
  Json json = to_json(config);
  json["layer_types"] = {"full_attention", "full_attention", "full_attention", "full_attention"};
  Cut cut = Cut::nothing(config);
  cut.layers = {0, 3};
  EXPECT_EQ(cut_config_json(json, config, cut)["layer_types"].size(), 2u);
}

TEST(CutConfig, RefusesWhatNoConfigCanSay) {
  const ModelConfig config = test::small_config();
  Cut uneven = Cut::nothing(config);
  uneven.within[2].groups = {0};
  try {
    cut_config(config, uneven);
    FAIL() << "uneven heads were accepted";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("layer 2 would keep 1 key/value heads and layer 0 3"));
  }
  Cut empty = Cut::nothing(config);
  empty.within[1].neurons.clear();
  EXPECT_THROW(cut_config(config, empty), ConfigError);
  empty = Cut::nothing(config);
  empty.layers.clear();
  EXPECT_THROW(cut_config(config, empty), ConfigError);
}

TEST(CutCheckpoint, RefusesEditsThatAreNoNumbersOrDoNotFit) {
  const test::ScratchDir scratch;
  Context ctx = test::make_context();
  const ModelConfig config = test::small_config();
  test::write_model(scratch / "model", config, ctx);
  std::filesystem::create_directories(scratch / "cut");
  const auto cut = [&](const TensorEdits& edits) {
    cut_checkpoint(scratch / "model", scratch / "cut", Cut::nothing(config), edits, Json::object(),
                   {});
  };
  const std::string name = "model.layers.0.mlp.down_proj.weight";
  std::vector<float> values(40 * 56, 0.0f);
  values[7] = NAN;
  EXPECT_THROW(cut({{name, values}}), InputError);
  EXPECT_THROW(cut({{name, std::vector<float>(3)}}), ShapeError);
  EXPECT_FALSE(std::filesystem::exists(scratch / "cut/model.safetensors"));
}

TEST(TensorCuts, FollowTheAxes) {
  ModelConfig config = test::small_config();
  Cut cut = Cut::nothing(config);
  cut.layers = {0, 2, 3};
  cut.within[3].neurons = {1, 4};
  const TensorCuts cuts(config, cut);
  const auto of = [&](const char* name) { return cuts.of(find_tensor(config, name).value()); };
  EXPECT_FALSE(cuts.keeps(find_tensor(config, "model.layers.1.mlp.up_proj.weight").value()));
  const TensorCut up = of("model.layers.3.mlp.up_proj.weight");
  EXPECT_EQ(up.name, "model.layers.2.mlp.up_proj.weight");
  EXPECT_EQ(up.rows, (Kept{1, 4}));
  EXPECT_TRUE(up.all_columns);
  const TensorCut down = of("model.layers.3.mlp.down_proj.weight");
  EXPECT_TRUE(down.all_rows);
  EXPECT_EQ(down.columns, (Kept{1, 4}));
  const TensorCut norm = of("model.norm.weight");
  EXPECT_TRUE(norm.all_rows && norm.all_columns);
}

}  // namespace
}  // namespace pangu::compress
