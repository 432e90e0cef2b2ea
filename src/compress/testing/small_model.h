// SPDX-License-Identifier: Apache-2.0
// A small random model on disk, and what it answers: for the tests of pruning.
#pragma once

#include <cmath>
#include <filesystem>
#include <memory>
#include <numeric>
#include <vector>

#include "io/checkpoint.h"
#include "models/config/config_shapes.h"
#include "models/weights/load.h"
#include "models/weights/output_head.h"
#include "models/weights/trainable_model.h"
#include "ops/host.h"
#include "tests/support/support.h"
#include "train/document_rows.h"

namespace pangu::compress::test {

using pangu::test::ScratchDir;

/// Four layers, biases, two query heads on each of three key/value heads; sizes that no two axes
/// share.
inline ModelConfig small_config(const char* shape = "openpangu-embedded-1b") {
  ModelConfig c = named_shape(shape).value();
  c.hidden_size = 40;
  c.n_layers = 4;
  c.n_heads = 6;
  c.n_kv_heads = 3;
  c.head_dim = 8;
  c.intermediate_size = std::vector<std::int64_t>(4, 56);
  c.vocab_size = 70;
  c.max_position_embeddings = 128;
  c.eos_token_ids = {1};
  c.bos_token_id = 2;
  c.pad_token_id = 0;
  return c;
}

inline Context make_context(DType dtype = DType::kF32) {
  return Context{{.threads = 2, .isa = default_isa(), .dtype = dtype}};
}

/// Sequences of random tokens with a target at every token but the last.
inline std::vector<TokenBatch> random_text(std::int64_t vocabulary, int sequences, int length) {
  std::vector<TokenBatch> out;
  std::uint32_t state = 12345;
  for (int s = 0; s < sequences; ++s) {
    TokenBatch& b = out.emplace_back();
    for (int t = 0; t < length; ++t) {
      state = state * 1664525u + 1013904223u;
      b.tokens.push_back(
          static_cast<TokenId>((state >> 8) % static_cast<std::uint32_t>(vocabulary)));
      b.positions.push_back(t);
    }
    b.document_starts = {0};
    b.targets.assign(b.tokens.begin() + 1, b.tokens.end());
    b.targets.push_back(kNoTarget);
  }
  return out;
}

/// A folder with the model, opened.
class SmallModel {
 public:
  explicit SmallModel(const std::filesystem::path& folder)
      : config(read_model_config(folder)),
        checkpoint(Checkpoint::open(folder)),
        source(checkpoint_source(checkpoint, config.quantization)) {
    config.tie_word_embeddings = find_output_head(config, *source).is_embedding;
  }

  /// Logits of every token of a text.
  std::vector<float> logits(const TokenBatch& text, Context& ctx) const {
    const auto model = load_language_model(config, *source, {}, ctx);
    Batch batch = DocumentRows(text).batch;
    batch.logit_rows.resize(text.tokens.size());
    std::iota(batch.logit_rows.begin(), batch.logit_rows.end(), 0);
    const Tensor y = to_host(ops::linear(model->hidden_states(batch, ctx), model->head(), ctx));
    return {y.data<float>(), y.data<float>() + y.count()};
  }

  ModelConfig config;
  Checkpoint checkpoint;
  std::unique_ptr<WeightSource> source;
};

/// Writes a model with random weights and random biases; `change` may alter a tensor's values.
template <class Change>
void write_model(const std::filesystem::path& folder, const ModelConfig& config, Context& ctx,
                 Change&& change) {
  const TrainableModel model(config, {.seed = 3, .std = 0.2}, ctx);
  for (const TrainableTensor& t : model.tensors()) {
    std::span<float> values(t.value.data<float>(), static_cast<std::size_t>(t.value.count()));
    if (t.spec.name.ends_with(".bias")) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = 0.1f * std::sin(static_cast<float>(i + t.spec.name.size()));
      }
    }
    change(t, values);
  }
  std::filesystem::create_directories(folder);
  model.save(folder, DType::kF32);
}

inline void write_model(const std::filesystem::path& folder, const ModelConfig& config,
                        Context& ctx) {
  write_model(folder, config, ctx, [](const TrainableTensor&, std::span<float>) {});
}

inline double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double most = a.size() == b.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    most = std::max(most, std::fabs(double{a[i]} - b[i]));
  }
  return most;
}

}  // namespace pangu::compress::test
