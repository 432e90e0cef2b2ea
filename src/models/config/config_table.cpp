// SPDX-License-Identifier: Apache-2.0
// The table of architectures. A new member of the family is one row here.
#include "models/config/config_table.h"

#include <algorithm>
#include <array>

namespace pangu {
namespace {

constexpr std::array kArchitectures{
    Architecture{.name = "PanguEmbeddedForCausalLM",
                 .model_type = "PanguEmbedded",
                 .family = Family::kDense,
                 .has_qk_norm = false,
                 .sandwich_norm = false,
                 .qkv_bias = true,
                 .o_bias = true,
                 .bias_from_config = true,
                 .sliding_window = false,
                 .rope_theta = std::nullopt},
    Architecture{.name = "PanguUltraForCausalLM",
                 .model_type = "PanguUltra",
                 .family = Family::kDense,
                 .has_qk_norm = false,
                 .sandwich_norm = true,
                 .qkv_bias = false,
                 .o_bias = false,
                 .bias_from_config = true,
                 .sliding_window = false,
                 .rope_theta = std::nullopt},
    Architecture{.name = "LlamaForCausalLM",
                 .model_type = "llama",
                 .family = Family::kDense,
                 .has_qk_norm = false,
                 .sandwich_norm = false,
                 .qkv_bias = false,
                 .o_bias = false,
                 .bias_from_config = true,
                 .sliding_window = false,
                 .rope_theta = 1e4},
    Architecture{.name = "MistralForCausalLM",
                 .model_type = "mistral",
                 .family = Family::kDense,
                 .has_qk_norm = false,
                 .sandwich_norm = false,
                 .qkv_bias = false,
                 .o_bias = false,
                 .bias_from_config = false,
                 .sliding_window = true,
                 .rope_theta = 1e4},
    Architecture{.name = "Qwen2ForCausalLM",
                 .model_type = "qwen2",
                 .family = Family::kDense,
                 .has_qk_norm = false,
                 .sandwich_norm = false,
                 .qkv_bias = true,
                 .o_bias = false,
                 .bias_from_config = false,
                 .sliding_window = false,
                 .rope_theta = std::nullopt},
    Architecture{.name = "Qwen3ForCausalLM",
                 .model_type = "qwen3",
                 .family = Family::kDense,
                 .has_qk_norm = true,
                 .sandwich_norm = false,
                 .qkv_bias = false,
                 .o_bias = false,
                 .bias_from_config = true,
                 .sliding_window = false,
                 .rope_theta = std::nullopt},
};

}  // namespace

std::span<const Architecture> architectures() {
  return kArchitectures;
}

const Architecture* find_architecture(std::string_view name_or_model_type) {
  const auto row = std::ranges::find_if(kArchitectures, [&](const Architecture& a) {
    return a.name == name_or_model_type || a.model_type == name_or_model_type;
  });
  return row == kArchitectures.end() ? nullptr : &*row;
}

std::string architecture_names() {
  std::string names;
  for (const Architecture& a : kArchitectures) {
    if (!names.empty()) names += ", ";
    names += a.name;
  }
  return names;
}

}  // namespace pangu
