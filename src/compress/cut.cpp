// SPDX-License-Identifier: Apache-2.0
#include "compress/cut.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace pangu::compress {
namespace {

constexpr std::string_view kLayerPrefix = "model.layers.";

struct LayerName {
  std::size_t layer;
  std::string part;  ///< behind "model.layers.N."
};

std::optional<LayerName> layer_of(const std::string& name) {
  if (!name.starts_with(kLayerPrefix)) return std::nullopt;
  const char* const begin = name.data() + kLayerPrefix.size();
  const char* const end = name.data() + name.size();
  LayerName out{};
  const auto [rest, error] = std::from_chars(begin, end, out.layer);
  if (error != std::errc() || rest == end || *rest != '.') return std::nullopt;
  out.part.assign(rest + 1, end);
  return out;
}

[[noreturn]] void refuse_name(const std::string& name) {
  fail<Unsupported>("[prune] {} is no tensor of a dense decoder; it cannot be cut.", name);
}

void require_some(std::size_t left, std::string_view what) {
  if (left > 0) return;
  fail<ConfigError>("[prune] nothing would be left of the {}. Choose a smaller ratio.", what);
}

/// One number where all are equal, as every loader knows it; else one for each layer.
Json widths_json(const std::vector<std::int64_t>& widths) {
  const bool same =
      std::ranges::all_of(widths, [&](std::int64_t w) { return w == widths.front(); });
  return same ? Json(widths.front()) : Json(widths);
}

}  // namespace

Kept all_of(std::int64_t n) {
  Kept kept(static_cast<std::size_t>(n));
  std::iota(kept.begin(), kept.end(), 0);
  return kept;
}

Kept elements_of(const Kept& kept, std::int64_t size) {
  Kept elements;
  for (const std::int32_t block : kept) {
    for (std::int64_t i = 0; i < size; ++i) {
      elements.push_back(static_cast<std::int32_t>(block * size + i));
    }
  }
  return elements;
}

Cut Cut::nothing(const ModelConfig& config) {
  Cut cut{.channels = all_of(config.hidden_size), .layers = all_of(config.n_layers), .within = {}};
  for (const std::int64_t width : config.intermediate_size) {
    cut.within.push_back({.neurons = all_of(width), .groups = all_of(config.n_kv_heads)});
  }
  return cut;
}

ModelConfig cut_config(const ModelConfig& config, const Cut& cut) {
  require_some(cut.channels.size(), "residual stream");
  require_some(cut.layers.size(), "layers");
  ModelConfig out = config;
  out.hidden_size = std::ssize(cut.channels);
  out.n_layers = std::ssize(cut.layers);
  out.intermediate_size.clear();
  const std::size_t groups = cut.within[static_cast<std::size_t>(cut.layers.front())].groups.size();
  for (const std::int32_t l : cut.layers) {
    const LayerCut& layer = cut.within[static_cast<std::size_t>(l)];
    require_some(layer.neurons.size(), fmt::format("neurons of layer {}", l));
    require_some(layer.groups.size(), fmt::format("heads of layer {}", l));
    if (layer.groups.size() != groups) {
      fail<ConfigError>(
          "[prune] layer {} would keep {} key/value heads and layer {} {}. config.json has one "
          "number for all layers; remove as many heads from each.",
          l, layer.groups.size(), cut.layers.front(), groups);
    }
    out.intermediate_size.push_back(std::ssize(layer.neurons));
  }
  out.n_heads = config.n_heads / config.n_kv_heads * static_cast<std::int64_t>(groups);
  out.n_kv_heads = static_cast<std::int64_t>(groups);
  return out;
}

Json cut_config_json(const Json& json, const ModelConfig& config, const Cut& cut) {
  const ModelConfig after = cut_config(config, cut);
  Json out = json;
  out["hidden_size"] = after.hidden_size;
  out["num_hidden_layers"] = after.n_layers;
  out["num_attention_heads"] = after.n_heads;
  out["num_key_value_heads"] = after.n_kv_heads;
  // Without the key, loaders divide hidden_size by the number of heads.
  if (after.n_heads * after.head_dim != after.hidden_size || json.contains("head_dim")) {
    out["head_dim"] = after.head_dim;
  }
  out["intermediate_size"] = widths_json(after.intermediate_size);
  if (const auto types = json.find("layer_types"); types != json.end() && types->is_array()) {
    Json kept = Json::array();
    for (const std::int32_t l : cut.layers) kept.push_back((*types)[static_cast<std::size_t>(l)]);
    out["layer_types"] = kept;
  }
  return out;
}

TensorCuts::TensorCuts(const ModelConfig& config, const Cut& cut)
    : config_(config), cut_(cut), all_channels_(std::ssize(cut.channels) == config.hidden_size) {}

bool TensorCuts::keeps(const std::string& name) const {
  const auto layer = layer_of(name);
  return !layer || std::ranges::binary_search(cut_.layers, static_cast<std::int32_t>(layer->layer));
}

/// Rows of a projection whose heads stand one after the other.
Kept TensorCuts::head_rows(std::size_t layer, std::int64_t heads_per_group) const {
  return elements_of(cut_.within[layer].groups, heads_per_group * config_.head_dim);
}

TensorCut TensorCuts::within_layer(std::size_t layer, const std::string& part) const {
  const auto at = std::ranges::lower_bound(cut_.layers, static_cast<std::int32_t>(layer));
  TensorCut t{.name = fmt::format("{}{}.{}", kLayerPrefix, at - cut_.layers.begin(), part)};
  const bool is_matrix = part.ends_with("_proj.weight");
  const auto take_rows = [&](const Kept& kept, bool all) {
    t.all_rows = all;
    if (!all) t.rows = kept;
  };
  const auto take_columns = [&](const Kept& kept, bool all) {
    t.all_columns = all || !is_matrix;
    if (!t.all_columns) t.columns = kept;
  };
  const auto is = [&](std::string_view stem) { return part.starts_with(stem); };
  const LayerCut& cut = cut_.within[layer];
  const bool all_neurons = std::ssize(cut.neurons) == config_.intermediate_size[layer];
  const bool all_groups = std::ssize(cut.groups) == config_.n_kv_heads;
  const std::int64_t shared = config_.n_heads / config_.n_kv_heads;
  if (is("mlp.gate_proj.") || is("mlp.up_proj.")) {
    take_rows(cut.neurons, all_neurons);
    take_columns(cut_.channels, all_channels_);
  } else if (is("mlp.down_proj.")) {
    take_rows(cut_.channels, all_channels_);
    take_columns(cut.neurons, all_neurons);
  } else if (is("self_attn.q_proj.")) {
    take_rows(head_rows(layer, shared), all_groups);
    take_columns(cut_.channels, all_channels_);
  } else if (is("self_attn.k_proj.") || is("self_attn.v_proj.")) {
    take_rows(head_rows(layer, 1), all_groups);
    take_columns(cut_.channels, all_channels_);
  } else if (is("self_attn.o_proj.")) {
    take_rows(cut_.channels, all_channels_);
    take_columns(head_rows(layer, shared), all_groups);
  } else if (is("input_layernorm.") || is("post_attention_layernorm.")) {
    take_rows(cut_.channels, all_channels_);
  } else if (!is("self_attn.q_norm.") && !is("self_attn.k_norm.") &&
             !part.ends_with(".rotary_emb.inv_freq")) {
    refuse_name(t.name);
  }
  return t;
}

TensorCut TensorCuts::of(const std::string& name) const {
  if (const auto layer = layer_of(name)) return within_layer(layer->layer, layer->part);
  TensorCut t{.name = name};
  if (name == "model.norm.weight") {
    t.all_rows = all_channels_;
    if (!t.all_rows) t.rows = cut_.channels;
  } else if (name == "model.embed_tokens.weight" || name == "lm_head.weight") {
    t.all_columns = all_channels_;
    if (!t.all_columns) t.columns = cut_.channels;
  } else if (name != "lm_head.bias") {
    refuse_name(name);
  }
  return t;
}

}  // namespace pangu::compress
