// SPDX-License-Identifier: Apache-2.0
#include "models/decoder_tensors.h"

#include <set>

#include "base/error.h"
#include "models/output_head.h"

namespace pangu {
namespace {

class Collector {
 public:
  Collector(const ModelConfig& config, const WeightSource& source) : c_(config), source_(source) {}

  std::vector<DecoderTensor> collect() {
    matrix("model.embed_tokens", c_.vocab_size, c_.hidden_size);
    for (std::int64_t l = 0; l < c_.n_layers; ++l) add_layer(l);
    vector("model.norm.weight", c_.hidden_size);
    if (!c_.tie_word_embeddings) matrix("lm_head", c_.vocab_size, c_.hidden_size);
    return std::move(tensors_);
  }

 private:
  void vector(const std::string& name, std::int64_t n) { tensors_.push_back({name, n}); }

  /// Weight and, where there is one, bias.
  void matrix(const std::string& stem, std::int64_t rows, std::int64_t k) {
    tensors_.push_back({stem + ".weight", rows, k});
    if (source_.has(stem + ".bias")) vector(stem + ".bias", rows);
  }

  void add_layer(std::int64_t l) {
    const std::string layer = "model.layers." + std::to_string(l) + ".";
    const std::string attn = layer + "self_attn.", mlp = layer + "mlp.";
    const std::int64_t E = c_.hidden_size, D = c_.head_dim;
    const std::int64_t F = c_.intermediate_size[static_cast<std::size_t>(l)];
    vector(layer + "input_layernorm.weight", E);
    matrix(attn + "q_proj", c_.n_heads * D, E);
    matrix(attn + "k_proj", c_.n_kv_heads * D, E);
    matrix(attn + "v_proj", c_.n_kv_heads * D, E);
    if (c_.row().has_qk_norm) {
      vector(attn + "q_norm.weight", D);
      vector(attn + "k_norm.weight", D);
    }
    matrix(attn + "o_proj", E, c_.n_heads * D);
    vector(layer + "post_attention_layernorm.weight", E);
    matrix(mlp + "gate_proj", F, E);
    matrix(mlp + "up_proj", F, E);
    matrix(mlp + "down_proj", E, F);
  }

  const ModelConfig& c_;
  const WeightSource& source_;
  std::vector<DecoderTensor> tensors_;
};

}  // namespace

std::vector<DecoderTensor> decoder_tensors(const ModelConfig& config, const WeightSource& source) {
  std::vector<DecoderTensor> tensors = Collector(config, source).collect();
  std::set<std::string_view> known;
  for (const DecoderTensor& t : tensors) known.insert(t.name);
  // A head that is the embedding may be stored once more; nobody reads it.
  if (config.tie_word_embeddings) known.insert(kHeadName);
  for (const std::string& name : source.names()) {
    // Frequencies follow from the config.
    if (known.contains(name) || name.ends_with(".rotary_emb.inv_freq")) continue;
    fail<Unsupported>(
        "[load] the model has a tensor {} that {} has no place for. Do the files name the right "
        "architecture and number of layers?",
        name, config.architecture);
  }
  return tensors;
}

}  // namespace pangu
