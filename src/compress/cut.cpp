// SPDX-License-Identifier: Apache-2.0
#include "compress/cut.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace pangu::compress {
namespace {

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

bool TensorCuts::keeps(const TensorSpec& tensor) const {
  return tensor.layer == kNoLayer ||
         std::ranges::binary_search(cut_.layers, static_cast<std::int32_t>(tensor.layer));
}

std::optional<Kept> TensorCuts::kept_along(Axis axis, std::int64_t layer) const {
  const auto unless_all = [](const Kept& kept, std::int64_t all,
                             std::int64_t size) -> std::optional<Kept> {
    if (std::ssize(kept) == all) return std::nullopt;
    return elements_of(kept, size);
  };
  const auto l = static_cast<std::size_t>(layer);
  switch (axis) {
    case Axis::kResidual:
      return unless_all(cut_.channels, config_.hidden_size, 1);
    case Axis::kNeurons:
      return unless_all(cut_.within[l].neurons, config_.intermediate_size[l], 1);
    case Axis::kQueryHeads:
      return unless_all(cut_.within[l].groups, config_.n_kv_heads,
                        config_.n_heads / config_.n_kv_heads * config_.head_dim);
    case Axis::kKvHeads:
      return unless_all(cut_.within[l].groups, config_.n_kv_heads, config_.head_dim);
    case Axis::kNone:
    case Axis::kVocabulary:
    case Axis::kHeadDim:
      break;
  }
  return std::nullopt;
}

TensorCut TensorCuts::of(const TensorSpec& tensor) const {
  TensorCut t{.name = tensor.name};
  if (tensor.layer != kNoLayer) {
    const auto at = std::ranges::lower_bound(cut_.layers, static_cast<std::int32_t>(tensor.layer));
    t.name = name_in_layer(config_, tensor, at - cut_.layers.begin());
  }
  if (auto rows = kept_along(tensor.row_axis, tensor.layer)) {
    t.all_rows = false;
    t.rows = std::move(*rows);
  }
  if (auto columns = kept_along(tensor.column_axis, tensor.layer)) {
    t.all_columns = false;
    t.columns = std::move(*columns);
  }
  return t;
}

}  // namespace pangu::compress
