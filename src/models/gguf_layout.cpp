// SPDX-License-Identifier: Apache-2.0
#include "models/gguf_layout.h"

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

struct Name {
  std::string_view hf, gguf;
};
constexpr std::array kWholeModel{Name{"model.embed_tokens", "token_embd"},
                                 Name{"model.norm", "output_norm"}, Name{"lm_head", "output"}};
constexpr std::array kInLayer{
    Name{"input_layernorm", "attn_norm"},    Name{"self_attn.q_proj", "attn_q"},
    Name{"self_attn.k_proj", "attn_k"},      Name{"self_attn.v_proj", "attn_v"},
    Name{"self_attn.o_proj", "attn_output"}, Name{"self_attn.q_norm", "attn_q_norm"},
    Name{"self_attn.k_norm", "attn_k_norm"}, Name{"post_attention_layernorm", "ffn_norm"},
    Name{"mlp.gate_proj", "ffn_gate"},       Name{"mlp.up_proj", "ffn_up"},
    Name{"mlp.down_proj", "ffn_down"},
};
constexpr std::string_view kHfLayers = "model.layers.", kGgufLayers = "blk.";

/// Translates a name between two columns of the tables.
std::optional<std::string> translated(std::string_view name, std::string_view Name::*from,
                                      std::string_view Name::*to, std::string_view layers_from,
                                      std::string_view layers_to) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view kind = name.substr(dot);
  if (kind != ".weight" && kind != ".bias") return std::nullopt;
  std::string_view stem = name.substr(0, dot);
  std::string prefix;
  std::span<const Name> table = kWholeModel;
  if (stem.starts_with(layers_from)) {
    stem.remove_prefix(layers_from.size());
    const std::size_t end = stem.find('.');
    const std::string_view number = stem.substr(0, end);
    const bool is_number =
        !number.empty() && std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
    if (end == std::string_view::npos || !is_number) return std::nullopt;
    stem.remove_prefix(end + 1);
    prefix = fmt::format("{}{}.", layers_to, number);
    table = kInLayer;
  }
  const auto row = std::ranges::find(table, stem, from);
  if (row == table.end()) return std::nullopt;
  return fmt::format("{}{}{}", prefix, (*row).*to, kind);
}

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
    fail<Unsupported>("[gguf] {} has no form in GGUF files that is known here. Known: {}.", name,
                      gguf_architecture_names());
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

std::optional<std::string> gguf_tensor_name(std::string_view hf_name) {
  return translated(hf_name, &Name::hf, &Name::gguf, kHfLayers, kGgufLayers);
}

std::optional<std::string> hf_tensor_name(std::string_view gguf_name) {
  return translated(gguf_name, &Name::gguf, &Name::hf, kGgufLayers, kHfLayers);
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

bool is_query_or_key(std::string_view hf_name) {
  const std::string_view stem = hf_name.substr(0, hf_name.rfind('.'));
  return stem.ends_with(".q_proj") || stem.ends_with(".k_proj");
}

}  // namespace pangu
