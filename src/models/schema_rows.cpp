// SPDX-License-Identifier: Apache-2.0
#include "models/schema_rows.h"

#include <array>

namespace pangu {
namespace {

bool is_untied(const ModelConfig& c) {
  return !c.tie_word_embeddings;
}
bool has_qk_norm(const ModelConfig& c) {
  return c.row().has_qk_norm;
}
bool has_qkv_bias(const ModelConfig& c) {
  return c.qkv_bias;
}
bool has_o_bias(const ModelConfig& c) {
  return c.o_bias;
}
bool has_mlp_bias(const ModelConfig& c) {
  return c.mlp_bias;
}
/// No config announces one; a checkpoint may have it.
bool never(const ModelConfig&) {
  return false;
}

/// The dense decoder: Llama and those that follow it.
constexpr std::array kDense{
    TensorRow{.role = TensorRole::kEmbedding,
              .name = "model.embed_tokens",
              .gguf = "token_embd",
              .in_layer = false,
              .rows = Axis::kVocabulary,
              .columns = Axis::kResidual},
    TensorRow{.role = TensorRole::kAttentionNorm,
              .name = "input_layernorm",
              .gguf = "attn_norm",
              .in_layer = true,
              .rows = Axis::kResidual},
    TensorRow{.role = TensorRole::kQuery,
              .name = "self_attn.q_proj",
              .gguf = "attn_q",
              .in_layer = true,
              .rows = Axis::kQueryHeads,
              .columns = Axis::kResidual,
              .input = TensorInput::kAttentionNorm,
              .bias = &has_qkv_bias},
    TensorRow{.role = TensorRole::kKey,
              .name = "self_attn.k_proj",
              .gguf = "attn_k",
              .in_layer = true,
              .rows = Axis::kKvHeads,
              .columns = Axis::kResidual,
              .input = TensorInput::kAttentionNorm,
              .bias = &has_qkv_bias},
    TensorRow{.role = TensorRole::kValue,
              .name = "self_attn.v_proj",
              .gguf = "attn_v",
              .in_layer = true,
              .rows = Axis::kKvHeads,
              .columns = Axis::kResidual,
              .input = TensorInput::kAttentionNorm,
              .bias = &has_qkv_bias},
    TensorRow{.role = TensorRole::kQueryNorm,
              .name = "self_attn.q_norm",
              .gguf = "attn_q_norm",
              .in_layer = true,
              .rows = Axis::kHeadDim,
              .exists = &has_qk_norm},
    TensorRow{.role = TensorRole::kKeyNorm,
              .name = "self_attn.k_norm",
              .gguf = "attn_k_norm",
              .in_layer = true,
              .rows = Axis::kHeadDim,
              .exists = &has_qk_norm},
    TensorRow{.role = TensorRole::kAttentionOutput,
              .name = "self_attn.o_proj",
              .gguf = "attn_output",
              .in_layer = true,
              .rows = Axis::kResidual,
              .columns = Axis::kQueryHeads,
              .input = TensorInput::kHeads,
              .bias = &has_o_bias},
    TensorRow{.role = TensorRole::kMlpNorm,
              .name = "post_attention_layernorm",
              .gguf = "ffn_norm",
              .in_layer = true,
              .rows = Axis::kResidual},
    TensorRow{.role = TensorRole::kGate,
              .name = "mlp.gate_proj",
              .gguf = "ffn_gate",
              .in_layer = true,
              .rows = Axis::kNeurons,
              .columns = Axis::kResidual,
              .input = TensorInput::kMlpNorm,
              .bias = &has_mlp_bias},
    TensorRow{.role = TensorRole::kUp,
              .name = "mlp.up_proj",
              .gguf = "ffn_up",
              .in_layer = true,
              .rows = Axis::kNeurons,
              .columns = Axis::kResidual,
              .input = TensorInput::kMlpNorm,
              .bias = &has_mlp_bias},
    TensorRow{.role = TensorRole::kDown,
              .name = "mlp.down_proj",
              .gguf = "ffn_down",
              .in_layer = true,
              .rows = Axis::kResidual,
              .columns = Axis::kNeurons,
              .input = TensorInput::kNeurons,
              .bias = &has_mlp_bias},
    TensorRow{.role = TensorRole::kFinalNorm,
              .name = "model.norm",
              .gguf = "output_norm",
              .in_layer = false,
              .rows = Axis::kResidual},
    TensorRow{.role = TensorRole::kHead,
              .name = "lm_head",
              .gguf = "output",
              .in_layer = false,
              .rows = Axis::kVocabulary,
              .columns = Axis::kResidual,
              .input = TensorInput::kFinalNorm,
              .exists = &is_untied,
              .bias = &never},
};

}  // namespace

std::span<const TensorRow> tensor_rows(const Architecture&) {
  return kDense;
}

}  // namespace pangu
