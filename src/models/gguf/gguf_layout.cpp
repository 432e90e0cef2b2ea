// SPDX-License-Identifier: Apache-2.0
#include "models/gguf/gguf_layout.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace pangu {
namespace {

constexpr std::array kGgufArchitectures{
    GgufArchitecture{.name = "pangu-embedded",
                     .hf_name = "PanguEmbeddedForCausalLM",
                     .interleaved_qk = false,
                     .takes_o_bias = true,
                     .needs_o_bias = true,
                     .takes_mlp_bias = false},
    GgufArchitecture{.name = "llama",
                     .hf_name = "LlamaForCausalLM",
                     .interleaved_qk = true,
                     .takes_o_bias = true,
                     .needs_o_bias = false,
                     .takes_mlp_bias = true},
    GgufArchitecture{.name = "qwen2",
                     .hf_name = "Qwen2ForCausalLM",
                     .interleaved_qk = false,
                     .takes_o_bias = false,
                     .needs_o_bias = false,
                     .takes_mlp_bias = false},
    GgufArchitecture{.name = "qwen3",
                     .hf_name = "Qwen3ForCausalLM",
                     .interleaved_qk = false,
                     .takes_o_bias = false,
                     .needs_o_bias = false,
                     .takes_mlp_bias = false},
};

}  // namespace

const GgufArchitecture* find_gguf_architecture(std::string_view name) {
  const auto row = std::ranges::find(kGgufArchitectures, name, &GgufArchitecture::name);
  return row == kGgufArchitectures.end() ? nullptr : &*row;
}

const GgufArchitecture& gguf_architecture_of(const ModelConfig& config) {
  // Mistral is Llama with a window, which a key says.
  std::string_view name = config.architecture;
  if (name == "MistralForCausalLM") name = "LlamaForCausalLM";
  const auto row = std::ranges::find(kGgufArchitectures, name, &GgufArchitecture::hf_name);
  if (row == kGgufArchitectures.end()) {
    fail<Unsupported>(
        "[gguf] {} has no form in GGUF files: none of their readers has this decoder. Known there: "
        "{}. Keep the folder; `pangu quantize` makes it smaller.",
        name, gguf_architecture_names());
  }
  return *row;
}

std::string gguf_architecture_names() {
  std::string names;
  for (const GgufArchitecture& a : kGgufArchitectures) {
    if (!names.empty()) names += ", ";
    names += a.name;
  }
  return names;
}

std::vector<std::int32_t> interleaved_places(std::int64_t rows, std::int64_t head_dim) {
  std::vector<std::int32_t> places(static_cast<std::size_t>(rows));
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::int64_t head = r / head_dim, in_head = r % head_dim;
    const std::int64_t s = in_head / (head_dim / 2), j = in_head % (head_dim / 2);
    places[static_cast<std::size_t>(r)] = static_cast<std::int32_t>(head * head_dim + 2 * j + s);
  }
  return places;
}

std::vector<std::int32_t> split_places(std::int64_t rows, std::int64_t head_dim) {
  const std::vector<std::int32_t> there = interleaved_places(rows, head_dim);
  std::vector<std::int32_t> places(there.size());
  for (std::size_t r = 0; r < there.size(); ++r) {
    places[static_cast<std::size_t>(there[r])] = static_cast<std::int32_t>(r);
  }
  return places;
}

bool is_query_or_key(TensorRole role) {
  return role == TensorRole::kQuery || role == TensorRole::kKey;
}

}  // namespace pangu
