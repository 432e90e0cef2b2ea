// SPDX-License-Identifier: Apache-2.0
// Reading config.json. Ranges are wide: they catch damage and typing errors, and keep every product
// of sizes far from 64-bit overflow.
#include "models/config/config.h"

#include <algorithm>
#include <numeric>
#include <system_error>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "io/locate_model.h"
#include "models/config/config_limits.h"
#include "models/config/config_rope.h"

namespace pangu {
namespace {

const Architecture& known_architecture(std::string_view name, std::string_view file) {
  const Architecture* row = find_architecture(name);
  if (!row) {
    fail<Unsupported>(
        "[config] {}: the architecture '{}' is not known. Known: {}. A checkpoint of "
        "one of these is needed.",
        file, clipped(name), architecture_names());
  }
  return *row;
}

const Architecture& read_architecture(const JsonObject& json) {
  std::string name;
  if (const Json* list = json.find("architectures")) {
    if (!list->is_array() || list->empty() || !list->front().is_string()) {
      json.reject("architectures", "a list with the name of the architecture");
    }
    name = list->front().get<std::string>();
  } else if (json.contains("model_type")) {
    name = json.get_string("model_type");
  } else {
    json.reject("architectures", "a list with the name of the architecture");
  }
  return known_architecture(name, json.file());
}

void read_sizes(const JsonObject& json, ModelConfig& config) {
  config.hidden_size = json.get_int("hidden_size", 1, kMaxHidden);
  config.n_layers = json.get_int("num_hidden_layers", 1, kMaxLayers);
  config.n_heads = json.get_int("num_attention_heads", 1, kMaxHeads);
  config.n_kv_heads = json.get_int_or("num_key_value_heads", config.n_heads, 1, config.n_heads);
  if (config.n_heads % config.n_kv_heads != 0) {
    json.reject("num_key_value_heads",
                fmt::format("a divisor of num_attention_heads = {}", config.n_heads));
  }
  if (json.contains("head_dim")) {
    config.head_dim = json.get_int("head_dim", 2, kMaxHeadDim);
    // RoPE turns pairs of elements.
    if (config.head_dim % 2 != 0) json.reject("head_dim", "an even number");
  } else {
    config.head_dim = config.hidden_size / config.n_heads;
    if (config.hidden_size % config.n_heads != 0 || config.head_dim % 2 != 0 ||
        config.head_dim > kMaxHeadDim) {
      json.reject("hidden_size",
                  fmt::format("num_attention_heads = {} times an even head size of at most {}, as "
                              "there is no head_dim,",
                              config.n_heads, kMaxHeadDim));
    }
  }
  config.intermediate_size = json.get_ints("intermediate_size", 1, kMaxIntermediate);
  const auto n_layers = static_cast<std::size_t>(config.n_layers);
  if (!json.find("intermediate_size")->is_array()) {
    config.intermediate_size.resize(n_layers, config.intermediate_size.front());
  } else if (config.intermediate_size.size() != n_layers) {
    json.reject("intermediate_size",
                fmt::format("one number, or one for each of the {} layers,", n_layers));
  }
  config.vocab_size = json.get_int("vocab_size", 1, kMaxVocab);
  config.max_position_embeddings =
      json.get_int("max_position_embeddings", 1, std::int64_t{1} << 31);
}

/// Whether layer_types, which newer files have, gives any layer a window.
bool has_sliding_layers(const JsonObject& json) {
  const Json* types = json.find("layer_types");
  if (!types) return false;
  bool sliding = false;
  if (!types->is_array()) json.reject("layer_types", "a list of strings");
  for (const Json& type : *types) {
    if (type != "full_attention" && type != "sliding_attention") {
      fail<Unsupported>(
          "[config] {}: layer_types has {}. Known: full_attention, "
          "sliding_attention.",
          json.file(), describe(type));
    }
    sliding |= type == "sliding_attention";
  }
  return sliding;
}

void read_attention(const JsonObject& json, const Architecture& row, ModelConfig& config) {
  if (!json.get_bool_or("is_causal", true)) {
    fail<Unsupported>("[config] {}: is_causal is false; only causal models are supported.",
                      json.file());
  }
  if (json.contains("interleaved_sliding_window")) {
    fail<Unsupported>(
        "[config] {}: interleaved_sliding_window is not supported; every layer would "
        "attend to the whole context.",
        json.file());
  }
  const bool sliding = has_sliding_layers(json);
  if (json.contains("sliding_window") &&
      (sliding || json.get_bool_or("use_sliding_window", row.sliding_window))) {
    const std::int64_t window = json.get_int("sliding_window", 1, std::int64_t{1} << 31);
    if (window < config.max_position_embeddings) config.sliding_window = window;
  }
  config.qkv_bias = row.qkv_bias;
  config.o_bias = row.o_bias;
  if (row.bias_from_config) {
    // Two spellings of one key; qkv_bias speaks for q, k and v alone.
    const bool bias = json.get_bool_or("bias", json.get_bool_or("attention_bias", row.o_bias));
    config.qkv_bias = json.get_bool_or("qkv_bias", bias);
    config.o_bias = bias;
    config.mlp_bias = json.get_bool_or("mlp_bias", false);
  }
}

void read_norms(const JsonObject& json, const Architecture& row, ModelConfig& config) {
  config.rms_norm_eps = json.get_number("rms_norm_eps", 1e-20, 1);
  config.sandwich_norm = json.get_bool_or("sandwich_norm", row.sandwich_norm);
  if (config.sandwich_norm && !row.sandwich_norm) {
    fail<Unsupported>(
        "[config] {}: sandwich_norm is true, which {} is not known to have. Known with it: "
        "PanguUltraForCausalLM.",
        json.file(), row.name);
  }
}

void read_activation(const JsonObject& json) {
  const std::string act = json.get_string_or("hidden_act", "silu");
  if (act != "silu" && act != "swish") {
    fail<Unsupported>("[config] {}: hidden_act is '{}'. Known: silu (also called swish).",
                      json.file(), clipped(act));
  }
}

/// Weights' dtype; a name that pangu lacks counts as absent, because the tensors decide anyway.
std::optional<DType> read_dtype(const JsonObject& json) {
  const std::string text = json.get_string_or("torch_dtype", json.get_string_or("dtype", ""));
  for (const auto& [name, dtype] :
       {std::pair{"bfloat16", DType::kBF16}, {"float16", DType::kF16}, {"float32", DType::kF32}}) {
    if (text == name) return dtype;
  }
  return std::nullopt;
}

/// The ids under `key`. Old files write -1 for none.
std::vector<TokenId> read_token_ids(const JsonObject& json, std::string_view key,
                                    std::int64_t vocab_size) {
  std::vector<TokenId> ids;
  if (!json.contains(key)) return ids;
  for (const std::int64_t id : json.get_ints(key, -1, vocab_size - 1)) {
    if (id >= 0) ids.push_back(static_cast<TokenId>(id));
  }
  return ids;
}

std::optional<TokenId> read_token_id(const JsonObject& json, std::string_view key,
                                     std::int64_t vocab_size) {
  const std::int64_t id = json.get_int_or(key, -1, -1, vocab_size - 1);
  return id < 0 ? std::nullopt : std::optional(static_cast<TokenId>(id));
}

}  // namespace

ModelConfig parse_model_config(const Json& value, std::string_view file) {
  const JsonObject json{std::string(file), value};
  const Architecture& row = read_architecture(json);
  ModelConfig config;
  config.architecture = row.name;
  config.model_type = json.get_string_or("model_type", row.model_type);
  read_activation(json);
  read_sizes(json, config);
  read_norms(json, row, config);
  config.rope = parse_rope_config(json, row, config.max_position_embeddings);
  // False is the default of every class in the table, unlike that of their common base.
  config.tie_word_embeddings = json.get_bool_or("tie_word_embeddings", false);
  read_attention(json, row, config);
  config.bos_token_id = read_token_id(json, "bos_token_id", config.vocab_size);
  config.eos_token_ids = read_token_ids(json, "eos_token_id", config.vocab_size);
  config.pad_token_id = read_token_id(json, "pad_token_id", config.vocab_size);
  config.dtype = read_dtype(json);
  if (json.contains("quantization_config")) {
    config.quantization = parse_quantization_config(json.get_object("quantization_config"));
  }
  if (json.contains("pruning_config")) {
    config.pruning_config = json.get_object("pruning_config").json();
  }
  return config;
}

ModelConfig read_model_config(const std::filesystem::path& folder_or_file) {
  std::error_code ignored;
  const auto file = std::filesystem::is_directory(folder_or_file, ignored)
                        ? folder_or_file / "config.json"
                        : folder_or_file;
  if (!std::filesystem::exists(file, ignored) && file == folder_or_file) {
    fail<FileError>("[model config] there is no '{}'. A model's folder was expected.{}",
                    file.string(), bundled_models_hint(file));
  }
  // Far more than any config.json, which takes a few kilobytes.
  return parse_model_config(read_json(file, {.max_bytes = std::size_t{4} << 20}), file.string());
}

const Architecture& ModelConfig::row() const {
  return known_architecture(architecture, "model config");
}

}  // namespace pangu
