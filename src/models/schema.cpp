// SPDX-License-Identifier: Apache-2.0
#include "models/schema.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "models/schema_rows.h"

namespace pangu {
namespace {

constexpr std::string_view kHfLayers = "model.layers.", kGgufLayers = "blk.";
constexpr std::string_view kWeightSuffix = ".weight", kBiasSuffix = ".bias";

/// A name as its columns in the tables, of Hugging Face or of GGUF.
struct NameForm {
  std::string_view layers;
  std::string_view TensorRow::*column;

  std::string join(const TensorRow& row, std::int64_t layer, bool is_bias) const {
    std::string name;
    if (row.in_layer) name.append(layers).append(std::to_string(layer)).append(".");
    return name.append(row.*column).append(is_bias ? kBiasSuffix : kWeightSuffix);
  }
};
constexpr NameForm kHf{kHfLayers, &TensorRow::name}, kGguf{kGgufLayers, &TensorRow::gguf};

TensorSpec make_spec(const ModelConfig& config, const TensorRow& row, std::int64_t layer,
                     bool is_bias) {
  const bool exists = !row.exists || row.exists(config);
  TensorSpec spec{.role = row.role,
                  .layer = row.in_layer ? layer : kNoLayer,
                  .is_bias = is_bias,
                  .is_expected = exists && (!is_bias || row.bias(config)),
                  .name = kHf.join(row, layer, is_bias),
                  .row_axis = row.rows,
                  .rows = axis_size(config, row.rows, layer)};
  if (!is_bias) {
    spec.column_axis = row.columns;
    spec.k = axis_size(config, row.columns, layer);
    spec.input = row.input;
  }
  return spec;
}

/// The weight and, where it can have one, its bias.
void add_row(const ModelConfig& config, const TensorRow& row, std::int64_t layer,
             std::vector<TensorSpec>& out) {
  if (row.exists && !row.exists(config)) return;
  out.push_back(make_spec(config, row, layer, false));
  if (row.bias) out.push_back(make_spec(config, row, layer, true));
}

void add_layer(const ModelConfig& config, std::span<const TensorRow> rows, std::int64_t layer,
               std::vector<TensorSpec>& out) {
  for (const TensorRow& row : rows) {
    if (row.in_layer) add_row(config, row, layer, out);
  }
}

struct ParsedName {
  const TensorRow* row;
  std::int64_t layer;
  bool is_bias;
};

/// Takes "model.layers.3." off the front; kNoLayer where nothing of the kind is there.
std::int64_t take_layer(std::string_view& name, std::string_view layers) {
  if (!name.starts_with(layers)) return kNoLayer;
  const char* const begin = name.data() + layers.size();
  const char* const end = name.data() + name.size();
  std::int64_t layer = 0;
  const auto [rest, error] = std::from_chars(begin, end, layer);
  const bool is_number = error == std::errc() && *begin >= '0' && *begin <= '9';
  const bool is_plain = is_number && (*begin != '0' || rest == begin + 1);
  if (!is_plain || rest == end || *rest != '.') return kNoLayer;
  name.remove_prefix(static_cast<std::size_t>(rest + 1 - name.data()));
  return layer;
}

std::optional<ParsedName> parse_name(std::span<const TensorRow> rows, std::string_view name,
                                     const NameForm& form) {
  const bool is_bias = name.ends_with(kBiasSuffix);
  if (!is_bias && !name.ends_with(kWeightSuffix)) return std::nullopt;
  name.remove_suffix(is_bias ? kBiasSuffix.size() : kWeightSuffix.size());
  const std::int64_t layer = take_layer(name, form.layers);
  const auto row = std::ranges::find_if(rows, [&](const TensorRow& r) {
    return r.*form.column == name && r.in_layer == (layer != kNoLayer) && (!is_bias || r.bias);
  });
  if (row == rows.end()) return std::nullopt;
  return ParsedName{&*row, layer, is_bias};
}

const TensorRow& row_of(const ModelConfig& config, TensorRole role) {
  const auto rows = tensor_rows(config);
  const auto row = std::ranges::find(rows, role, &TensorRow::role);
  if (row == rows.end()) {
    fail<Unsupported>("[model] {} has no tensor of the role that is asked for ({}).",
                      config.architecture, static_cast<int>(role));
  }
  return *row;
}

}  // namespace

std::int64_t axis_size(const ModelConfig& c, Axis axis, std::int64_t layer) {
  switch (axis) {
    case Axis::kNone:
      return 0;
    case Axis::kVocabulary:
      return c.vocab_size;
    case Axis::kResidual:
      return c.hidden_size;
    case Axis::kQueryHeads:
      return c.n_heads * c.head_dim;
    case Axis::kKvHeads:
      return c.n_kv_heads * c.head_dim;
    case Axis::kHeadDim:
      return c.head_dim;
    case Axis::kNeurons:
      return c.intermediate_size[static_cast<std::size_t>(layer)];
  }
  return 0;
}

ModelPart part_of(TensorRole role) {
  switch (role) {
    case TensorRole::kEmbedding:
      return ModelPart::kEmbedding;
    case TensorRole::kHead:
      return ModelPart::kHead;
    case TensorRole::kQuery:
    case TensorRole::kKey:
    case TensorRole::kValue:
    case TensorRole::kQueryNorm:
    case TensorRole::kKeyNorm:
    case TensorRole::kAttentionOutput:
      return ModelPart::kAttention;
    case TensorRole::kGate:
    case TensorRole::kUp:
    case TensorRole::kDown:
      return ModelPart::kMlp;
    case TensorRole::kAttentionNorm:
    case TensorRole::kAttentionPostNorm:
    case TensorRole::kMlpNorm:
    case TensorRole::kMlpPostNorm:
    case TensorRole::kFinalNorm:
      return ModelPart::kNorms;
  }
  return ModelPart::kNorms;
}

std::string_view name(ModelPart part) {
  static constexpr std::string_view kNames[] = {"embedding", "head", "attention", "mlp", "norms"};
  return kNames[static_cast<std::size_t>(part)];
}

bool ends_branch(TensorRole role) {
  return role == TensorRole::kAttentionOutput || role == TensorRole::kDown;
}

std::vector<TensorSpec> model_tensors(const ModelConfig& config) {
  const auto rows = tensor_rows(config);
  std::vector<TensorSpec> out;
  bool has_layers = false;
  for (const TensorRow& row : rows) {
    if (!row.in_layer) {
      add_row(config, row, kNoLayer, out);
    } else if (!std::exchange(has_layers, true)) {
      for (std::int64_t l = 0; l < config.n_layers; ++l) add_layer(config, rows, l, out);
    }
  }
  return out;
}

std::vector<TensorSpec> layer_tensors(const ModelConfig& config, std::int64_t layer) {
  std::vector<TensorSpec> out;
  add_layer(config, tensor_rows(config), layer, out);
  return out;
}

std::vector<TensorSpec> fused_matrices(const ModelConfig& config, std::int64_t layer,
                                       TensorInput input) {
  std::vector<TensorSpec> out = layer_tensors(config, layer);
  std::erase_if(out, [&](const TensorSpec& t) { return !t.is_matrix() || t.input != input; });
  return out;
}

TensorSpec tensor_of(const ModelConfig& config, TensorRole role, std::int64_t layer) {
  return make_spec(config, row_of(config, role), layer, false);
}

std::optional<TensorSpec> find_tensor(const ModelConfig& config, std::string_view name) {
  const auto parsed = parse_name(tensor_rows(config), name, kHf);
  if (!parsed || parsed->layer >= config.n_layers) return std::nullopt;
  const bool exists = !parsed->row->exists || parsed->row->exists(config);
  if (!exists && parsed->row->role != TensorRole::kHead) return std::nullopt;
  return make_spec(config, *parsed->row, parsed->layer, parsed->is_bias);
}

bool is_derived_tensor(std::string_view name) {
  return name.ends_with(".rotary_emb.inv_freq");
}

std::string stem_of(const TensorSpec& tensor) {
  return tensor.name.substr(0, tensor.name.rfind('.'));
}

std::string bias_name(const TensorSpec& weight) {
  return stem_of(weight).append(kBiasSuffix);
}

std::string name_in_layer(const ModelConfig& config, const TensorSpec& tensor, std::int64_t layer) {
  return kHf.join(row_of(config, tensor.role), layer, tensor.is_bias);
}

std::string gguf_tensor_name(const ModelConfig& config, const TensorSpec& tensor) {
  return kGguf.join(row_of(config, tensor.role), tensor.layer, tensor.is_bias);
}

std::optional<std::string> hf_tensor_name(const ModelConfig& config, std::string_view gguf_name) {
  const auto parsed = parse_name(tensor_rows(config), gguf_name, kGguf);
  if (!parsed) return std::nullopt;
  return kHf.join(*parsed->row, parsed->layer, parsed->is_bias);
}

}  // namespace pangu
