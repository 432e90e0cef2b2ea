// SPDX-License-Identifier: Apache-2.0
// The dense decoder: openPangu-Embedded, Pangu Ultra, Llama, Mistral, Qwen 2 and 3. Pre-norm,
// grouped-query attention with RoPE, SwiGLU. The members of the family differ in which biases and
// norms their checkpoints have, and in nothing else (models/config/config_table.h).
#pragma once

#include <span>
#include <vector>

#include "models/blocks/rotary.h"
#include "models/dense/layer.h"
#include "models/language_model.h"

namespace pangu {

class Decoder final : public LanguageModel {
 public:
  struct Weights {
    PackedMatrix embedding;  ///< [vocab, E]; undefined where the head's serves
    std::vector<DecoderLayer> layers;
    Tensor final_norm;  ///< [E]
    Linear head;        ///< [vocab, E]
  };

  Decoder(ModelConfig config, Weights weights);

  KvShape kv_shape(KvFormat format) const override;
  Tensor forward(const Batch& batch, KvStorage& cache, Context& ctx,
                 const PassOptions& options) const override;
  Tensor hidden_states(const Batch& batch, Context& ctx) const override;
  const Linear& head() const override { return weights_.head; }
  const PackedMatrix& embedding() const override;
  std::vector<WeightUse> weights() const override;

 private:
  /// What all layers of one pass share; without a cache, tokens see the batch alone.
  struct Pass {
    const Batch& batch;
    KvStorage* cache;
    int64_t layers;       ///< that are run
    bool narrows = true;  ///< behind the last attention to the rows whose logits are wanted
    ops::RopeAngles angles = {};
    std::span<LayerStream> streams = {};
  };

  Tensor layer(int64_t l, const Tensor& x, const Pass& pass, Context& ctx) const;
  Tensor run_layers(const Pass& pass, Context& ctx) const;
  Tensor final_norm(const Tensor& x, Context& ctx) const;

  Weights weights_;
  Rotary rotary_;
};

}  // namespace pangu
