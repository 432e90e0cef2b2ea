// SPDX-License-Identifier: Apache-2.0
// One description of the tensors that a model consists of: for each its names, what it does, what
// runs along its dimensions and where its input comes from. Loading, training, counting, cutting,
// plans of formats, reports and GGUF files are derived from it; nothing above models/ names a
// tensor. What a family of models consists of is a table in schema_rows.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/config/config.h"

namespace pangu {

/// What a tensor does. A weight and its bias play one role.
enum class TensorRole : std::uint8_t {
  kEmbedding,
  kAttentionNorm,  ///< of what enters attention
  kQuery,
  kKey,
  kValue,
  kQueryNorm,  ///< of each head
  kKeyNorm,
  kAttentionOutput,
  kAttentionPostNorm,  ///< of what attention adds to the residual stream
  kMlpNorm,            ///< of what enters the MLP
  kGate,
  kUp,
  kDown,
  kMlpPostNorm,  ///< of what the MLP adds to the residual stream
  kFinalNorm,
  kHead,
};

/// What runs along a dimension of a tensor.
enum class Axis : std::uint8_t {
  kNone,        ///< there is no such dimension
  kVocabulary,  ///< token ids
  kResidual,    ///< channels of the residual stream
  kQueryHeads,  ///< query heads one after the other, head_dim elements each
  kKvHeads,     ///< key/value heads, likewise
  kHeadDim,     ///< the elements of a head, the same for all heads
  kNeurons,     ///< of an MLP
};

/// What enters a matrix. Matrices of a layer that have the same input are fused into one product.
enum class TensorInput : std::uint8_t {
  kNone,           ///< of vectors, and of a table that is looked up
  kAttentionNorm,  ///< the residual stream, normed
  kHeads,          ///< what the query heads gathered
  kMlpNorm,        ///< the residual stream behind attention, normed
  kNeurons,
  kFinalNorm,
};

/// Of tensors that belong to no layer.
inline constexpr std::int64_t kNoLayer = -1;

struct TensorSpec {
  TensorRole role = TensorRole::kEmbedding;
  std::int64_t layer = kNoLayer;
  bool is_bias = false;
  /// Whether architecture and config say that there is one. Whether a checkpoint has a bias or an
  /// output head of its own, its tensors decide.
  bool is_expected = true;
  std::string name = {};  ///< in a Hugging Face folder: "model.layers.3.mlp.up_proj.weight"
  Axis row_axis = Axis::kNone, column_axis = Axis::kNone;
  std::int64_t rows = 0;  ///< outputs of a matrix; elements of a vector
  std::int64_t k = 0;     ///< inputs of a matrix; 0 for a vector
  TensorInput input = TensorInput::kNone;

  bool is_matrix() const { return k > 0; }
  std::int64_t count() const { return is_matrix() ? rows * k : rows; }
  /// Whether it runs along this axis.
  bool has(Axis axis) const { return row_axis == axis || column_axis == axis; }
  bool operator==(const TensorSpec&) const = default;
};

/// The parts of a model that reports speak of.
enum class ModelPart : std::uint8_t { kEmbedding, kHead, kAttention, kMlp, kNorms };
ModelPart part_of(TensorRole role);
/// "embedding", "head", "attention", "mlp", "norms".
std::string_view name(ModelPart part);

/// Whether what it gives is added to the residual stream: the end of a layer's branch.
bool ends_branch(TensorRole role);

/// Every tensor that a model of this config can have, each bias behind its weight, in the order of
/// a forward pass.
std::vector<TensorSpec> model_tensors(const ModelConfig& config);
/// Those of layer `layer` alone.
std::vector<TensorSpec> layer_tensors(const ModelConfig& config, std::int64_t layer);
/// Those of layer `layer` that are matrices with this input, in the order they are fused in.
std::vector<TensorSpec> fused_matrices(const ModelConfig& config, std::int64_t layer,
                                       TensorInput input);
/// The weight with this role; of a layer, or of none. Throws Unsupported where the family has none.
TensorSpec tensor_of(const ModelConfig& config, TensorRole role, std::int64_t layer = kNoLayer);
/// The tensor that a Hugging Face folder has under this name, or nothing if no model of this config
/// has one. The output head is found where the embedding serves as one, too.
std::optional<TensorSpec> find_tensor(const ModelConfig& config, std::string_view name);

/// What belongs to a model, but is no tensor of it: frequencies, which follow from the config.
bool is_derived_tensor(std::string_view name);

/// The name without ".weight" or ".bias".
std::string stem_of(const TensorSpec& tensor);
/// The name of the bias of a weight.
std::string bias_name(const TensorSpec& weight);
/// The name that a tensor of a layer has where that is layer `layer`.
std::string name_in_layer(const ModelConfig& config, const TensorSpec& tensor, std::int64_t layer);

/// "blk.3.attn_q.weight": what GGUF files call a tensor.
std::string gguf_tensor_name(const ModelConfig& config, const TensorSpec& tensor);
/// The name in a Hugging Face folder of what a GGUF file calls "blk.3.attn_q.weight"; nothing for a
/// tensor that such a model has no place for.
std::optional<std::string> hf_tensor_name(const ModelConfig& config, std::string_view gguf_name);

}  // namespace pangu
