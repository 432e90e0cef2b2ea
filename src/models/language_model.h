// SPDX-License-Identifier: Apache-2.0
// What everything above models/ knows of a loaded model, whatever its family. Virtual once a pass,
// never once an op.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "models/config/config.h"
#include "models/schema.h"
#include "ops/batch.h"
#include "ops/linear.h"
#include "ops/paged_attention.h"

namespace pangu {

/// A weight as a pass reads it: a product or a vector, the other being null.
struct WeightUse {
  std::int64_t layer = kNoLayer;
  TensorInput input = TensorInput::kNone;  ///< of a product
  const Linear* product = nullptr;
  const Tensor* vector = nullptr;
  /// Whether every token passes through it, or only those whose logits are wanted.
  bool by_every_token = true;
};

/// The residual stream at one depth of a pass, for whoever looks into a model while it reads.
struct LayerStream {
  /// How many layers it has passed: 0 is the embedding.
  std::int64_t layers = 0;
  /// What the pass puts here: f32 [batch.size(), E], a row for every token. A row depends on its
  /// sequence alone, bit for bit, as logits do.
  Tensor states = {};
};

struct PassOptions {
  /// The first layers alone, of 1 to all, and the keys and values of those.
  std::optional<std::int64_t> layers = {};
  /// Where to put what entered the output head, [logit rows, E] of type ctx.dtype(), if anywhere.
  Tensor* hidden = nullptr;
  /// Ends the pass in front of the output head: forward() returns an undefined tensor. Goes with
  /// `hidden`.
  bool hidden_only = false;
  /// Residual streams to keep, each behind fewer layers than the pass runs: behind its last one
  /// only rows go on whose logits are wanted.
  std::span<LayerStream> streams = {};
  /// Ends the pass at the deepest of the streams, which may then lie behind every layer: forward()
  /// returns an undefined tensor. Goes with neither `layers` nor `hidden`.
  bool streams_only = false;
};

/// Never changes once made; may be shared by any number of contexts.
class LanguageModel {
 public:
  explicit LanguageModel(ModelConfig config) : config_(std::move(config)) {}
  virtual ~LanguageModel() = default;
  LanguageModel(const LanguageModel&) = delete;
  LanguageModel& operator=(const LanguageModel&) = delete;

  const ModelConfig& config() const { return config_; }
  /// Of a cache for this model.
  virtual KvShape kv_shape(KvFormat format) const = 0;

  /// One pass over a batch: appends its keys and values to the cache's pages and returns the
  /// logits, f32 [batch.logit_rows, vocab]. For a given model, dtype and instruction set the
  /// logits of a token depend on its sequence alone, bit for bit: not on the rest of the batch, on
  /// how the sequence was cut into passes, or on the number of threads.
  /// Throws InputError for ids outside the vocabulary, ShapeError for options that do not go
  /// together.
  virtual Tensor forward(const Batch& batch, KvStorage& cache, Context& ctx,
                         const PassOptions& options = {}) const = 0;

  /// What enters the output head, [batch.logit_rows, E] of type ctx.dtype(), for whole sequences
  /// that need no cache: what training sees. With a tape, the batch must outlive its backward pass.
  /// Throws InputError for ids outside the vocabulary, and for sequences that start later.
  virtual Tensor hidden_states(const Batch& batch, Context& ctx) const = 0;

  /// [vocab, E].
  virtual const Linear& head() const = 0;
  /// [vocab, E]; the head's matrix where that serves.
  virtual const PackedMatrix& embedding() const = 0;
  /// Every product and vector that a pass reads, in its order; not the embedding.
  virtual std::vector<WeightUse> weights() const = 0;

  /// The product of a layer that reads this input. Throws Unsupported if there is none.
  const Linear& product(std::int64_t layer, TensorInput input) const;

 private:
  ModelConfig config_;
};

}  // namespace pangu
