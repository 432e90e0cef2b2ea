// SPDX-License-Identifier: Apache-2.0
// New models: their initial values, and that what they save is what loads again.
#include "models/weights/trainable_model.h"

#include <cmath>

#include "io/checkpoint.h"
#include "models/config/config_shapes.h"
#include "models/parameter_count.h"
#include "models/weights/load.h"
#include "tests/support/heard_remarks.h"
#include "tests/support/support.h"
#include "tests/support/tensors.h"

namespace pangu {
namespace {

ModelConfig small(const char* shape) {
  ModelConfig c = named_shape(shape).value();
  c.hidden_size = 32;
  c.n_layers = 2;
  c.n_heads = 4;
  c.n_kv_heads = 2;
  c.head_dim = 8;
  c.intermediate_size = {48, 64};
  c.vocab_size = 70;
  return c;
}

class TrainableModelTest : public ::testing::TestWithParam<const char*> {
 protected:
  static std::span<const float> floats(const Tensor& t) {
    return {t.data<float>(), static_cast<std::size_t>(t.count())};
  }
  Context ctx_{{.threads = 2, .isa = default_isa(), .dtype = DType::kF32}};
  test::ScratchDir scratch_;
};

TEST_P(TrainableModelTest, WhatIsSavedIsWhatLoads) {
  const TrainableModel model(small(GetParam()), {.seed = 7}, ctx_);
  model.save(scratch_.path(), DType::kF32);
  const ModelConfig config = read_model_config(scratch_.path());
  const Checkpoint checkpoint = Checkpoint::open(scratch_.path());
  const auto source = checkpoint_source(checkpoint, std::nullopt);
  const auto loaded = load_language_model(config, *source, {}, ctx_);

  Batch batch{.tokens = {3, 69, 0, 5}, .positions = {0, 1, 2, 3}};
  batch.sequences = {{0, 4, 0, 0}};
  batch.logit_rows = {0, 1, 2, 3};
  const auto logits = [&](const LanguageModel& d) {
    const Tensor y = ops::linear(d.hidden_states(batch, ctx_), d.head(), ctx_);
    return test::values_of(y);
  };
  EXPECT_EQ(logits(*loaded), logits(model.model()));

  const TrainableModel again(config, *source, ctx_);
  ASSERT_EQ(again.tensors().size(), model.tensors().size());
  for (std::size_t i = 0; i < again.tensors().size(); ++i) {
    EXPECT_EQ(again.tensors()[i].spec, model.tensors()[i].spec);
    EXPECT_TRUE(
        std::ranges::equal(floats(again.tensors()[i].value), floats(model.tensors()[i].value)));
  }
}

TEST_P(TrainableModelTest, AStoredHeadIsTrainedUnderATiedConfig) {
  ModelConfig config = small(GetParam());
  config.tie_word_embeddings = false;
  TrainableModel(config, {.seed = 7}, ctx_).save(scratch_.path(), DType::kF32);
  config = read_model_config(scratch_.path());
  config.tie_word_embeddings = true;  // what the file says, and the tensors do not
  const Checkpoint checkpoint = Checkpoint::open(scratch_.path());
  const auto source = checkpoint_source(checkpoint, std::nullopt);
  const test::HeardRemarks remarks;
  const TrainableModel model(config, *source, ctx_);
  EXPECT_NE(remarks.text().find("lm_head.weight is stored and differs"), std::string::npos);
  EXPECT_EQ(model.tensors().back().spec.name, "lm_head.weight");
  model.save(scratch_.path(), DType::kF32);
  EXPECT_FALSE(read_model_config(scratch_.path()).tie_word_embeddings);
}

TEST_P(TrainableModelTest, WeightsMustBeNumbers) {
  const TrainableModel model(small(GetParam()), {.seed = 7}, ctx_);
  for (const TrainableTensor& t : model.tensors()) {
    const auto values = std::span(t.value.data<float>(), static_cast<std::size_t>(t.value.count()));
    const float kept = values.back();
    values.back() = INFINITY;
    model.save(scratch_.path(), DType::kF32);
    values.back() = kept;
    const Checkpoint checkpoint = Checkpoint::open(scratch_.path());
    const auto source = checkpoint_source(checkpoint, std::nullopt);
    const ModelConfig config = read_model_config(scratch_.path());
    PANGU_EXPECT_ERROR(TrainableModel(config, *source, ctx_), InputError, t.spec.name,
                       std::string("is inf"));
  }
}

TEST_P(TrainableModelTest, ItsTensorsAreThoseOfTheArchitecture) {
  const ModelConfig config = small(GetParam());
  const TrainableModel model(config, {.seed = 7}, ctx_);
  std::int64_t count = 0;
  for (const TrainableTensor& t : model.tensors()) {
    count += t.value.count();
    EXPECT_FALSE(t.spec.name == "model.embed_tokens.bias" || t.spec.name == "lm_head.bias");
    EXPECT_EQ(t.grad.shape(), t.value.shape());
  }
  EXPECT_EQ(count, parameter_count(config).total());
}

TEST_P(TrainableModelTest, InitialValuesFollowTheSeedAndTheName) {
  const ModelConfig config = small(GetParam());
  const TrainableModel model(config, {.seed = 7, .std = 0.05}, ctx_);
  const TrainableModel same(config, {.seed = 7, .std = 0.05}, ctx_);
  const TrainableModel other(config, {.seed = 8, .std = 0.05}, ctx_);
  for (std::size_t i = 0; i < model.tensors().size(); ++i) {
    const TrainableTensor& t = model.tensors()[i];
    EXPECT_TRUE(std::ranges::equal(floats(t.value), floats(same.tensors()[i].value)))
        << t.spec.name;
    double squares = 0;
    for (const float x : floats(t.value)) squares += double(x) * x;
    const double rms = std::sqrt(squares / double(t.value.count()));
    if (!t.spec.is_matrix()) {
      double want = t.spec.is_bias ? 0 : 1;
      if (t.spec.role == TensorRole::kAttentionPostNorm) want = 0.283 / std::sqrt(2.0);
      if (t.spec.role == TensorRole::kMlpPostNorm) want = 0.432 / std::sqrt(2.0);
      EXPECT_NEAR(rms, want, 1e-6) << t.spec.name;
      continue;
    }
    EXPECT_FALSE(std::ranges::equal(floats(t.value), floats(other.tensors()[i].value)))
        << t.spec.name;
    const bool ends_branch =
        t.spec.name.ends_with("o_proj.weight") || t.spec.name.ends_with("down_proj.weight");
    EXPECT_NEAR(rms, ends_branch ? 0.05 / 2 : 0.05, 0.005) << t.spec.name;  // 2 layers: sqrt(4)
  }
}

TEST_P(TrainableModelTest, TinyInitialValuesFollowTheSize) {
  ModelConfig config = small(GetParam());
  const TrainableModel model(config, {.seed = 7, .kind = Initializer::kTiny}, ctx_);
  for (const TrainableTensor& t : model.tensors()) {
    if (!t.spec.is_matrix()) continue;
    double squares = 0;
    for (const float x : floats(t.value)) squares += double(x) * x;
    // 2 layers, 32 channels.
    const double want = t.spec.role == TensorRole::kEmbedding ? 0.5 : std::sqrt(1.0 / (2 * 32 * 2));
    EXPECT_NEAR(std::sqrt(squares / double(t.value.count())) / want, 1, 0.1) << t.spec.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, TrainableModelTest,
                         ::testing::Values("openpangu-embedded-1b", "openpangu-embedded-7b",
                                           "pangu-ultra-135b"),
                         [](const auto& shape) {
                           std::string name = shape.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace pangu
