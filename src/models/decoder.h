// SPDX-License-Identifier: Apache-2.0
// The dense decoder: openPangu-Embedded, Llama, Mistral, Qwen 2 and 3. Pre-norm, grouped-query
// attention with RoPE, SwiGLU. The members of the family differ in which biases and head norms
// their checkpoints have, and in nothing else (models/config_table.h).
#pragma once

#include <vector>

#include "models/config.h"
#include "models/decoder_layer.h"
#include "models/rotary.h"
#include "ops/attention.h"
#include "ops/linear.h"

namespace pangu {

/// A loaded model. Never changes once made; may be shared by any number of contexts.
class Decoder {
 public:
  struct Weights {
    PackedMatrix embedding;  ///< [vocab, E]; undefined where the head's serves
    std::vector<DecoderLayer> layers;
    Tensor final_norm;  ///< [E]
    Linear head;        ///< [vocab, E]
  };

  Decoder(ModelConfig config, Weights weights);

  const ModelConfig& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  KvShape kv_shape(KvFormat format) const;  ///< of a cache for this model

  /// One pass over a batch: appends its keys and values to the cache's pages and returns the
  /// logits, f32 [batch.logit_rows, vocab]. For a given model, dtype and instruction set the
  /// logits of a token depend on its sequence alone, bit for bit: not on the rest of the batch, on
  /// how the sequence was cut into passes, or on the number of threads.
  /// Throws InputError for ids outside the vocabulary.
  Tensor forward(const Batch& batch, KvStorage& cache, Context& ctx) const {
    return forward(batch, cache, ctx, config_.n_layers);
  }
  /// The same with the first `layers` layers alone, of 1 to all, and the keys and values of those.
  Tensor forward(const Batch& batch, KvStorage& cache, Context& ctx, int64_t layers) const;

  /// What enters the output head, [batch.logit_rows, E] of type ctx.dtype(), for whole sequences
  /// that need no cache: what training sees. With a tape, the batch must outlive its backward pass.
  /// Throws InputError for ids outside the vocabulary, and for sequences that start later.
  Tensor hidden_states(const Batch& batch, Context& ctx) const;

 private:
  /// What all layers of one pass share; without a cache, tokens see the batch alone.
  struct Pass {
    const Batch& batch;
    KvStorage* cache;
    int64_t layers;  ///< that are run
    ops::RopeAngles angles;
  };

  Tensor layer(int64_t l, const Tensor& x, const Pass& pass, Context& ctx) const;
  Tensor hidden(const Batch& batch, KvStorage* cache, int64_t layers, Context& ctx) const;

  ModelConfig config_;
  Weights weights_;
  Rotary rotary_;
};

}  // namespace pangu
