// SPDX-License-Identifier: Apache-2.0
// One row per published model; sources are the models' config files and training recipes.
#include "models/config/config_shapes.h"

#include <algorithm>
#include <array>

namespace pangu {
namespace {

struct ShapeRow {
  std::string_view name;
  std::string_view architecture;
  std::int64_t hidden, layers, heads, kv_heads, head_dim, intermediate, vocab, positions;
  double theta, eps;
  bool tied;
};

constexpr std::string_view kPangu = "PanguEmbeddedForCausalLM";
constexpr std::string_view kUltra = "PanguUltraForCausalLM";
constexpr std::string_view kLlama = "LlamaForCausalLM";
constexpr std::string_view kQwen2 = "Qwen2ForCausalLM";
constexpr std::string_view kQwen3 = "Qwen3ForCausalLM";

// clang-format off
constexpr std::array kShapes{
    //  name                     arch    hidden layers heads kv  dim  inter  vocab   positions theta eps tied
    ShapeRow{"openpangu-embedded-1b", kPangu, 1536, 26, 12,  6, 128,  6144, 153376,  32768,  4e6, 1e-5, true},
    ShapeRow{"openpangu-embedded-7b", kPangu, 4096, 34, 32,  8, 128, 12800, 153376,  32768, 16e6, 1e-5, false},
    ShapeRow{"pangu-ultra-135b",      kUltra,12288, 94, 96,  8, 128, 28672, 153376, 131072, 2.56e7, 1e-5, false},
    ShapeRow{"tinyllama-1.1b",        kLlama, 2048, 22, 32,  4,  64,  5632,  32000,   2048,  1e4, 1e-5, false},
    ShapeRow{"llama-2-7b",            kLlama, 4096, 32, 32, 32, 128, 11008,  32000,   4096,  1e4, 1e-5, false},
    ShapeRow{"qwen2.5-0.5b",          kQwen2,  896, 24, 14,  2,  64,  4864, 151936,  32768,  1e6, 1e-6, true},
    ShapeRow{"qwen2.5-1.5b",          kQwen2, 1536, 28, 12,  2, 128,  8960, 151936,  32768,  1e6, 1e-6, true},
    ShapeRow{"qwen2.5-7b",            kQwen2, 3584, 28, 28,  4, 128, 18944, 152064,  32768,  1e6, 1e-6, false},
    ShapeRow{"qwen3-0.6b",            kQwen3, 1024, 28, 16,  8, 128,  3072, 151936,  40960,  1e6, 1e-6, true},
    ShapeRow{"qwen3-1.7b",            kQwen3, 2048, 28, 16,  8, 128,  6144, 151936,  40960,  1e6, 1e-6, true},
    ShapeRow{"qwen3-8b",              kQwen3, 4096, 36, 32,  8, 128, 12288, 151936,  40960,  1e6, 1e-6, false},
};
// clang-format on

}  // namespace

std::optional<ModelConfig> named_shape(std::string_view name) {
  const auto row = std::ranges::find(kShapes, name, &ShapeRow::name);
  if (row == kShapes.end()) return std::nullopt;
  const Architecture& architecture = *find_architecture(row->architecture);
  ModelConfig config;
  config.architecture = architecture.name;
  config.model_type = architecture.model_type;
  config.hidden_size = row->hidden;
  config.n_layers = row->layers;
  config.n_heads = row->heads;
  config.n_kv_heads = row->kv_heads;
  config.head_dim = row->head_dim;
  config.intermediate_size.assign(static_cast<std::size_t>(row->layers), row->intermediate);
  config.vocab_size = row->vocab;
  config.max_position_embeddings = row->positions;
  config.rms_norm_eps = row->eps;
  config.sandwich_norm = architecture.sandwich_norm;
  config.rope.theta = row->theta;
  config.tie_word_embeddings = row->tied;
  config.qkv_bias = architecture.qkv_bias;
  config.o_bias = architecture.o_bias;
  config.dtype = DType::kBF16;
  return config;
}

std::vector<std::string_view> shape_names() {
  std::vector<std::string_view> names;
  for (const ShapeRow& row : kShapes) names.push_back(row.name);
  return names;
}

ModelConfig changed_shape(const ModelConfig& shape, const ShapeChanges& changes,
                          std::string_view name) {
  // By way of config.json, whose reader knows what can be.
  Json json = to_json(shape);
  Json& widths = json["intermediate_size"];
  if (changes.n_layers) {
    json["num_hidden_layers"] = *changes.n_layers;
    while (widths.is_array() && std::ssize(widths) > *changes.n_layers) {
      widths.erase(widths.size() - 1);
    }
  }
  if (changes.intermediate_size.size() == 1) {
    widths = changes.intermediate_size.front();
  } else if (!changes.intermediate_size.empty()) {
    widths = changes.intermediate_size;
  }
  if (changes.n_kv_heads) {
    json["num_key_value_heads"] = *changes.n_kv_heads;
    json["num_attention_heads"] = *changes.n_kv_heads * (shape.n_heads / shape.n_kv_heads);
  }
  return parse_model_config(json, name);
}

}  // namespace pangu
