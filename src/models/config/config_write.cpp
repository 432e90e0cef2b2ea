// SPDX-License-Identifier: Apache-2.0
// Writing config.json, in the form that Hugging Face transformers reads.
#include <algorithm>

#include "models/config/config.h"
#include "models/config/config_rope.h"

namespace pangu {
namespace {

const char* torch_name(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "float32";
    case DType::kF16:
      return "float16";
    default:
      return "bfloat16";
  }
}

void write_biases(const ModelConfig& config, Json& json) {
  if (!config.row().bias_from_config) return;
  // openPangu's own code reads "bias", the others' "attention_bias".
  json[config.row().model_type == "PanguEmbedded" ? "bias" : "attention_bias"] = config.o_bias;
  if (config.qkv_bias != config.o_bias) json["qkv_bias"] = config.qkv_bias;
  if (config.mlp_bias) json["mlp_bias"] = true;
}

void write_token_ids(const ModelConfig& config, Json& json) {
  if (config.bos_token_id) json["bos_token_id"] = *config.bos_token_id;
  if (config.pad_token_id) json["pad_token_id"] = *config.pad_token_id;
  if (config.eos_token_ids.size() == 1) {
    json["eos_token_id"] = config.eos_token_ids.front();
  } else if (!config.eos_token_ids.empty()) {
    json["eos_token_id"] = config.eos_token_ids;
  }
}

}  // namespace

Json to_json(const ModelConfig& config) {
  Json json{{"architectures", {config.architecture}},
            {"model_type", config.model_type},
            {"hidden_size", config.hidden_size},
            {"num_hidden_layers", config.n_layers},
            {"num_attention_heads", config.n_heads},
            {"num_key_value_heads", config.n_kv_heads},
            {"head_dim", config.head_dim},
            {"vocab_size", config.vocab_size},
            {"max_position_embeddings", config.max_position_embeddings},
            {"rms_norm_eps", config.rms_norm_eps},
            {"rope_theta", config.rope.theta},
            {"tie_word_embeddings", config.tie_word_embeddings},
            {"hidden_act", "silu"}};
  if (config.row().sandwich_norm) json["sandwich_norm"] = config.sandwich_norm;
  const auto& widths = config.intermediate_size;
  if (std::ranges::all_of(widths, [&](std::int64_t f) { return f == widths.front(); })) {
    json["intermediate_size"] = widths.front();
  } else {
    json["intermediate_size"] = widths;
  }
  if (const Json scaling = rope_scaling_json(config.rope); !scaling.is_null()) {
    json["rope_scaling"] = scaling;
  }
  if (config.sliding_window) {
    json["sliding_window"] = *config.sliding_window;
    json["use_sliding_window"] = true;
  }
  write_biases(config, json);
  write_token_ids(config, json);
  if (config.dtype) json["torch_dtype"] = torch_name(*config.dtype);
  if (config.quantization) json["quantization_config"] = to_json(*config.quantization);
  if (!config.pruning_config.is_null()) json["pruning_config"] = config.pruning_config;
  return json;
}

}  // namespace pangu
