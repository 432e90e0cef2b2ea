// SPDX-License-Identifier: Apache-2.0
// Calibration text on its way through a model, one layer at a time: only that layer is in memory,
// and what is changed in it is what the layers after it see.
//
//   for (LayerWalk walk(...); walk.next();) {
//     walk.run_attention();   // heads() are there now; layer().o may be changed
//     walk.add_attention();   // middles() are there now; layer().gate_up may be changed
//     walk.run_neurons();     // neurons() are there now; layer().down may be changed
//     walk.add_neurons();     // outputs() are there now
//   }
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/decoder_layer.h"
#include "models/rotary.h"
#include "models/weight_source.h"
#include "ops/context.h"
#include "train/token_batch.h"

namespace pangu::compress {

/// Tensors are lists of one for each sequence; T tokens in it, E hidden size.
class LayerWalk {
 public:
  /// All must outlive the walk. Throws InputError for ids outside the vocabulary.
  LayerWalk(const ModelConfig& config, WeightSource& source, std::span<const TokenBatch> sequences,
            Context& ctx);

  /// Loads the next layer; false behind the last one. Throws as load_decoder_layer does.
  bool next();
  std::int64_t index() const { return index_; }
  /// The layer that is loaded, as it is run: its parts may be replaced.
  DecoderLayer& layer() { return layer_; }

  void run_attention();
  void add_attention();
  void run_neurons();
  void add_neurons();

  /// f32 [T, E]: the residual stream before the layer, behind its attention, and behind the layer.
  std::span<const Tensor> inputs() const { return inputs_; }
  std::span<const Tensor> middles() const { return middles_; }
  std::span<const Tensor> outputs() const { return outputs_; }
  /// [T, H D] and [T, F] of type ctx.dtype(): what enters o and down.
  std::span<const Tensor> heads() const { return heads_; }
  std::span<const Tensor> neurons() const { return neurons_; }

  /// What the norm before attention, or before the MLP, makes of its input: [T, E].
  Tensor attention_input(std::size_t sequence) const;
  Tensor mlp_input(std::size_t sequence) const;

 private:
  const ModelConfig& config_;
  WeightSource& source_;
  Context& ctx_;
  Rotary rotary_;
  std::int64_t index_ = -1;
  DecoderLayer layer_;
  std::vector<Batch> batches_;
  std::vector<Tensor> inputs_, heads_, middles_, neurons_, outputs_;
};

}  // namespace pangu::compress
