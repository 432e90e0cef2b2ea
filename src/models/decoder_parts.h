// SPDX-License-Identifier: Apache-2.0
// Which tensors a decoder layer consists of, as checkpoints name them: for whoever makes the
// weights of one, be it by loading or by drawing lots.
#pragma once

#include <string>
#include <vector>

#include "models/decoder.h"

namespace pangu {

/// One projection of several that share a packed matrix: its name without ".weight" and ".bias",
/// and its outputs.
struct DecoderPart {
  std::string name;
  int64_t rows;
};

/// Makes layer `l`. `make.vector(name, n)` gives a vector, `make.linear(parts, k)` a matrix of k
/// inputs with the biases that its parts have; they are called in the order of a forward pass.
template <class Make>
DecoderLayer make_decoder_layer(const ModelConfig& c, int64_t l, Make& make) {
  using Parts = std::vector<DecoderPart>;
  const std::string layer = "model.layers." + std::to_string(l) + ".";
  const std::string attn = layer + "self_attn.", mlp = layer + "mlp.";
  const int64_t E = c.hidden_size, D = c.head_dim,
                F = c.intermediate_size[static_cast<std::size_t>(l)];
  const int64_t q_rows = c.n_heads * D, kv_rows = c.n_kv_heads * D;
  DecoderLayer w;
  w.attn_norm = make.vector(layer + "input_layernorm.weight", E);
  w.qkv = make.linear(
      Parts{{attn + "q_proj", q_rows}, {attn + "k_proj", kv_rows}, {attn + "v_proj", kv_rows}}, E);
  if (c.row().has_qk_norm) {
    w.q_norm = make.vector(attn + "q_norm.weight", D);
    w.k_norm = make.vector(attn + "k_norm.weight", D);
  }
  w.o = make.linear(Parts{{attn + "o_proj", E}}, q_rows);
  w.mlp_norm = make.vector(layer + "post_attention_layernorm.weight", E);
  w.gate_up = make.linear(Parts{{mlp + "gate_proj", F}, {mlp + "up_proj", F}}, E);
  w.down = make.linear(Parts{{mlp + "down_proj", E}}, F);
  return w;
}

}  // namespace pangu
