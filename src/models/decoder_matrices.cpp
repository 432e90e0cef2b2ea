// SPDX-License-Identifier: Apache-2.0
#include "models/decoder_matrices.h"

namespace pangu {

std::vector<MatrixShape> decoder_matrices(const ModelConfig& c) {
  const std::int64_t E = c.hidden_size, q = c.n_heads * c.head_dim, kv = c.n_kv_heads * c.head_dim;
  std::vector<MatrixShape> out{{"model.embed_tokens.weight", c.vocab_size, E}};
  for (std::int64_t l = 0; l < c.n_layers; ++l) {
    const std::string layer = "model.layers." + std::to_string(l) + ".";
    const std::int64_t F = c.intermediate_size[static_cast<std::size_t>(l)];
    const auto add = [&](const char* name, std::int64_t rows, std::int64_t k) {
      out.push_back({layer + name + ".weight", rows, k});
    };
    add("self_attn.q_proj", q, E);
    add("self_attn.k_proj", kv, E);
    add("self_attn.v_proj", kv, E);
    add("self_attn.o_proj", E, q);
    add("mlp.gate_proj", F, E);
    add("mlp.up_proj", F, E);
    add("mlp.down_proj", E, F);
  }
  if (!c.tie_word_embeddings) out.push_back({"lm_head.weight", c.vocab_size, E});
  return out;
}

}  // namespace pangu
