// SPDX-License-Identifier: Apache-2.0
#include "models/layer_walk.h"

#include <cmath>
#include <numeric>

#include "io/checkpoint.h"
#include "models/config/config_shapes.h"
#include "models/weights/load.h"
#include "models/weights/trainable_model.h"
#include "ops/host.h"
#include "ops/rms_norm.h"
#include "quant/float_rows.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

struct WalkCase {
  const char* shape;
  DType dtype;
};

class LayerWalkTest : public ::testing::TestWithParam<WalkCase> {
 protected:
  LayerWalkTest() {
    config_.hidden_size = 40, config_.n_layers = 3, config_.n_heads = 6, config_.n_kv_heads = 3;
    config_.head_dim = 8, config_.intermediate_size = {56, 24, 70}, config_.vocab_size = 70;
    const TrainableModel model(config_, {.seed = 3, .std = 0.2}, ctx_);
    // No two norms and no two biases are alike.
    for (const TrainableTensor& t : model.tensors()) {
      if (t.spec.is_matrix()) continue;
      float* const values = t.value.data<float>();
      for (int64_t i = 0; i < t.value.count(); ++i) {
        values[i] += 0.3f * std::sin(static_cast<float>(i + std::ssize(t.spec.name)));
      }
    }
    model.save(scratch_.path(), DType::kF32);
    checkpoint_.emplace(Checkpoint::open(scratch_.path()));
    source_ = checkpoint_source(*checkpoint_, std::nullopt);
  }

  /// `n` tokens of one sequence, all rows wanted.
  static Batch text(int n, int first) {
    Batch batch;
    for (int i = 0; i < n; ++i) {
      batch.tokens.push_back((first + 7 * i) % 70);
      batch.positions.push_back(i);
      batch.logit_rows.push_back(i);
    }
    batch.sequences = {{0, n, 0, 0}};
    return batch;
  }

  test::ScratchDir scratch_;
  Context ctx_{{.threads = 2, .isa = default_isa(), .dtype = GetParam().dtype}};
  ModelConfig config_ = *named_shape(GetParam().shape);
  std::optional<Checkpoint> checkpoint_;
  std::unique_ptr<WeightSource> source_;
};

std::vector<float> values_of(const Tensor& x) {
  std::vector<float> out(static_cast<std::size_t>(x.count()));
  load_as_f32(to_host(x).raw(), x.dtype(), x.count(), out.data());
  return out;
}

TEST_P(LayerWalkTest, LeadsToTheHiddenStatesBitForBit) {
  const auto model = load_language_model(config_, *source_, {}, ctx_);
  const Tensor* final_norm = nullptr;
  for (const WeightUse& w : model->weights()) {
    if (w.vector && w.layer == kNoLayer) final_norm = w.vector;
  }
  const std::vector<Batch> texts{text(17, 3), text(1, 9), text(33, 0)};
  const auto walk = walk_layers(config_, *source_, texts, ctx_);
  while (walk->next_layer()) {
    for (; walk->stage() != TensorInput::kNone; walk->advance()) {
      ASSERT_EQ(walk->stage_inputs().size(), texts.size());
      EXPECT_EQ(walk->stage_inputs()[0].dim(1), walk->linear().n_in());
    }
  }
  EXPECT_EQ(walk->layer(), 2);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Tensor ended =
        ops::rms_norm(walk->outputs()[i], *final_norm, static_cast<float>(config_.rms_norm_eps),
                      ctx_.dtype(), ctx_);
    EXPECT_EQ(values_of(ended), values_of(model->hidden_states(texts[i], ctx_))) << "text " << i;
  }
}

TEST_P(LayerWalkTest, LaterLayersSeeWhatIsReplaced) {
  const auto end_of_walk = [&](bool replace) {
    const auto walk = walk_layers(config_, *source_, {text(9, 1)}, ctx_);
    while (walk->next_layer()) {
      for (; walk->stage() != TensorInput::kNone; walk->advance()) {
        if (!replace || walk->layer() != 0 || walk->stage() != TensorInput::kNeurons) continue;
        const std::vector<float> zeros(static_cast<std::size_t>(walk->linear().n_in()));
        const StoredRow row{.format = WeightFormat::kF32,
                            .data = reinterpret_cast<const std::byte*>(zeros.data())};
        walk->linear().parts[0].pack_panel(0, std::vector<StoredRow>(40, row));
      }
    }
    return values_of(walk->outputs()[0]);
  };
  EXPECT_NE(end_of_walk(false), end_of_walk(true));
  EXPECT_EQ(end_of_walk(false), end_of_walk(false));
}

TEST_P(LayerWalkTest, RefusesTokensOutsideTheVocabulary) {
  PANGU_EXPECT_ERROR(walk_layers(config_, *source_,
                                 {text(3, 69),
                                  [] {
                                    Batch batch = text(1, 0);
                                    batch.tokens = {70};
                                    return batch;
                                  }()},
                                 ctx_),
                     InputError, "token id 70", "70 of the vocabulary");
}

INSTANTIATE_TEST_SUITE_P(
    Models, LayerWalkTest,
    ::testing::Values(WalkCase{"openpangu-embedded-1b", DType::kF32},
                      WalkCase{"openpangu-embedded-7b", DType::kBF16},
                      WalkCase{"qwen3-0.6b", DType::kF32}, WalkCase{"qwen3-8b", DType::kBF16},
                      WalkCase{"pangu-ultra-135b", DType::kF32},
                      WalkCase{"pangu-ultra-135b", DType::kBF16}),
    [](const auto& which) {
      std::string text =
          std::string(which.param.shape) + "_" + std::string(name(which.param.dtype));
      std::ranges::replace_if(
          text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
      return text;
    });

}  // namespace
}  // namespace pangu
