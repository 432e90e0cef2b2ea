// SPDX-License-Identifier: Apache-2.0
// The schema of the dense family: one row for each weight.
#include <array>

#include "models/dense/dense.h"

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

constexpr TensorRow kEmbeddingRow{.role = TensorRole::kEmbedding,
                                  .name = "model.embed_tokens",
                                  .gguf = "token_embd",
                                  .in_layer = false,
                                  .rows = Axis::kVocabulary,
                                  .columns = Axis::kResidual};
constexpr TensorRow kAttentionNormRow{.role = TensorRole::kAttentionNorm,
                                      .name = "input_layernorm",
                                      .gguf = "attn_norm",
                                      .in_layer = true,
                                      .rows = Axis::kResidual};
constexpr TensorRow kQueryRow{.role = TensorRole::kQuery,
                              .name = "self_attn.q_proj",
                              .gguf = "attn_q",
                              .in_layer = true,
                              .rows = Axis::kQueryHeads,
                              .columns = Axis::kResidual,
                              .input = TensorInput::kAttentionNorm,
                              .bias = &has_qkv_bias};
constexpr TensorRow kKeyRow{.role = TensorRole::kKey,
                            .name = "self_attn.k_proj",
                            .gguf = "attn_k",
                            .in_layer = true,
                            .rows = Axis::kKvHeads,
                            .columns = Axis::kResidual,
                            .input = TensorInput::kAttentionNorm,
                            .bias = &has_qkv_bias};
constexpr TensorRow kValueRow{.role = TensorRole::kValue,
                              .name = "self_attn.v_proj",
                              .gguf = "attn_v",
                              .in_layer = true,
                              .rows = Axis::kKvHeads,
                              .columns = Axis::kResidual,
                              .input = TensorInput::kAttentionNorm,
                              .bias = &has_qkv_bias};
constexpr TensorRow kQueryNormRow{.role = TensorRole::kQueryNorm,
                                  .name = "self_attn.q_norm",
                                  .gguf = "attn_q_norm",
                                  .in_layer = true,
                                  .rows = Axis::kHeadDim,
                                  .exists = &has_qk_norm};
constexpr TensorRow kKeyNormRow{.role = TensorRole::kKeyNorm,
                                .name = "self_attn.k_norm",
                                .gguf = "attn_k_norm",
                                .in_layer = true,
                                .rows = Axis::kHeadDim,
                                .exists = &has_qk_norm};
constexpr TensorRow kAttentionOutputRow{.role = TensorRole::kAttentionOutput,
                                        .name = "self_attn.o_proj",
                                        .gguf = "attn_output",
                                        .in_layer = true,
                                        .rows = Axis::kResidual,
                                        .columns = Axis::kQueryHeads,
                                        .input = TensorInput::kHeads,
                                        .bias = &has_o_bias};
constexpr TensorRow kMlpNormRow{.role = TensorRole::kMlpNorm,
                                .name = "post_attention_layernorm",
                                .gguf = "ffn_norm",
                                .in_layer = true,
                                .rows = Axis::kResidual};
constexpr TensorRow kGateRow{.role = TensorRole::kGate,
                             .name = "mlp.gate_proj",
                             .gguf = "ffn_gate",
                             .in_layer = true,
                             .rows = Axis::kNeurons,
                             .columns = Axis::kResidual,
                             .input = TensorInput::kMlpNorm,
                             .bias = &has_mlp_bias};
constexpr TensorRow kUpRow{.role = TensorRole::kUp,
                           .name = "mlp.up_proj",
                           .gguf = "ffn_up",
                           .in_layer = true,
                           .rows = Axis::kNeurons,
                           .columns = Axis::kResidual,
                           .input = TensorInput::kMlpNorm,
                           .bias = &has_mlp_bias};
constexpr TensorRow kDownRow{.role = TensorRole::kDown,
                             .name = "mlp.down_proj",
                             .gguf = "ffn_down",
                             .in_layer = true,
                             .rows = Axis::kResidual,
                             .columns = Axis::kNeurons,
                             .input = TensorInput::kNeurons,
                             .bias = &has_mlp_bias};
constexpr TensorRow kFinalNormRow{.role = TensorRole::kFinalNorm,
                                  .name = "model.norm",
                                  .gguf = "output_norm",
                                  .in_layer = false,
                                  .rows = Axis::kResidual};
constexpr TensorRow kHeadRow{.role = TensorRole::kHead,
                             .name = "lm_head",
                             .gguf = "output",
                             .in_layer = false,
                             .rows = Axis::kVocabulary,
                             .columns = Axis::kResidual,
                             .input = TensorInput::kFinalNorm,
                             .exists = &is_untied,
                             .bias = &never};
// With sandwich norms "post_attention_layernorm" is another norm than without.
constexpr TensorRow kAttentionPostNormRow{.role = TensorRole::kAttentionPostNorm,
                                          .name = "post_attention_layernorm",
                                          .gguf = "post_attention_norm",
                                          .in_layer = true,
                                          .rows = Axis::kResidual};
constexpr TensorRow kSandwichMlpNormRow{.role = TensorRole::kMlpNorm,
                                        .name = "pre_mlp_layernorm",
                                        .gguf = "ffn_norm",
                                        .in_layer = true,
                                        .rows = Axis::kResidual};
constexpr TensorRow kMlpPostNormRow{.role = TensorRole::kMlpPostNorm,
                                    .name = "post_mlp_layernorm",
                                    .gguf = "post_ffw_norm",
                                    .in_layer = true,
                                    .rows = Axis::kResidual};

/// The dense decoder: Llama and those that follow it.
constexpr std::array kDense{kEmbeddingRow, kAttentionNormRow, kQueryRow,   kKeyRow,
                            kValueRow,     kQueryNormRow,     kKeyNormRow, kAttentionOutputRow,
                            kMlpNormRow,   kGateRow,          kUpRow,      kDownRow,
                            kFinalNormRow, kHeadRow};

/// The same with a norm behind each branch: Pangu Ultra, arXiv:2504.07866, in the names of
/// openPangu.
constexpr std::array kSandwich{kEmbeddingRow,
                               kAttentionNormRow,
                               kQueryRow,
                               kKeyRow,
                               kValueRow,
                               kQueryNormRow,
                               kKeyNormRow,
                               kAttentionOutputRow,
                               kAttentionPostNormRow,
                               kSandwichMlpNormRow,
                               kGateRow,
                               kUpRow,
                               kDownRow,
                               kMlpPostNormRow,
                               kFinalNormRow,
                               kHeadRow};

}  // namespace

std::span<const TensorRow> dense_tensors(const ModelConfig& config) {
  if (config.sandwich_norm) return kSandwich;
  return kDense;
}

}  // namespace pangu
