// SPDX-License-Identifier: Apache-2.0
// Texts on their way through a model, one layer at a time: only that layer is in memory, and what
// is changed in it is what the layers after it see. Within a layer the way leads from the input of
// one product to that of the next, all texts together.
//
//   for (const auto walk = walk_layers(...); walk->next_layer();) {
//     for (; walk->stage() != TensorInput::kNone; walk->advance()) {
//       walk->stage_inputs();  // what enters the product that reads walk->stage()
//       walk->linear();        // that product: may be replaced before it is run
//     }
//     walk->outputs();         // what leaves the layer
//   }
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "models/config/config.h"
#include "models/schema.h"
#include "models/weights/weight_source.h"
#include "ops/batch.h"
#include "ops/linear.h"

namespace pangu {

/// Tensors are lists of one for each text; T tokens in it, E hidden size.
class LayerWalk {
 public:
  virtual ~LayerWalk() = default;

  /// Loads the next layer; false behind the last one. Throws as load_language_model() does for
  /// tensors that are missing or misshapen.
  virtual bool next_layer() = 0;
  std::int64_t layer() const { return layer_; }

  /// The input that the walk has come to; kNone behind the last product of a layer.
  TensorInput stage() const { return stage_; }
  /// [T, n] of type ctx.dtype(): n inputs of the product.
  std::span<const Tensor> stage_inputs() const { return stage_inputs_; }
  /// The product that reads it, as it will be run.
  virtual Linear& linear() = 0;
  /// Runs that product and what follows it, up to the next one.
  virtual void advance() = 0;

  /// f32 [T, E]: the residual stream before the layer and, at the end of its stages, behind it.
  std::span<const Tensor> inputs() const { return inputs_; }
  std::span<const Tensor> outputs() const { return outputs_; }

 protected:
  std::int64_t layer_ = -1;
  TensorInput stage_ = TensorInput::kNone;
  std::vector<Tensor> stage_inputs_, inputs_, outputs_;
};

/// `texts` are batches of whole sequences; the logits they ask for are not looked at. Config and
/// source must outlive the walk. Throws InputError for ids outside the vocabulary.
std::unique_ptr<LayerWalk> walk_layers(const ModelConfig& config, WeightSource& source,
                                       std::vector<Batch> texts, Context& ctx);

}  // namespace pangu
