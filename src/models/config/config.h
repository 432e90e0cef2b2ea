// SPDX-License-Identifier: Apache-2.0
// What config.json of a Hugging Face folder says about a model, checked and with defaults filled
// in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "models/config/config_table.h"
#include "models/config/quantization_config.h"
#include "pangu/dtype.h"
#include "pangu/token.h"

namespace pangu {

/// Rotary position embedding; D is the head size, w_j = theta^(-2j/D) the frequencies before
/// scaling.
struct RopeConfig {
  enum class Type : std::uint8_t { kDefault, kLinear, kDynamic, kYarn, kLlama3 };

  double theta = 0;
  Type type = Type::kDefault;
  /// All scaled types: how many times longer the context became.
  double factor = 1;
  /// Llama 3 and YaRN: context length before scaling.
  std::int64_t original_max_position_embeddings = 0;
  /// Llama 3.
  double low_freq_factor = 1;
  double high_freq_factor = 1;
  /// YaRN. `attention_factor` scales cos and sin; without it, it follows from factor and the two
  /// mscales (mscale(factor, m) = 0.1 m ln(factor) + 1).
  std::optional<double> attention_factor;
  double beta_fast = 32;
  double beta_slow = 1;
  std::optional<double> mscale;
  std::optional<double> mscale_all_dim;
  bool truncate = true;

  bool operator==(const RopeConfig&) const = default;
};

/// "default", "linear", ... as config.json spells rope_type.
std::string_view name(RopeConfig::Type type);

struct ModelConfig {
  std::string architecture;  ///< "PanguEmbeddedForCausalLM"; find_architecture() knows it
  std::string model_type;
  std::int64_t hidden_size = 0;
  std::int64_t n_layers = 0;
  std::int64_t n_heads = 0;
  std::int64_t n_kv_heads = 0;
  std::int64_t head_dim = 0;  ///< n_heads * head_dim may differ from hidden_size
  /// One per layer: pruned checkpoints have layers of different widths.
  std::vector<std::int64_t> intermediate_size;
  std::int64_t vocab_size = 0;  ///< rows of the embedding, which may exceed the tokenizer's size
  /// Context length the model was trained for; longer contexts are legal (openPangu runs them).
  std::int64_t max_position_embeddings = 0;
  double rms_norm_eps = 0;
  RopeConfig rope;
  bool tie_word_embeddings = false;
  /// RMSNorm of what attention and MLP add to the residual stream, too (Pangu Ultra).
  bool sandwich_norm = false;
  /// Width of the attention window, where it is narrower than max_position_embeddings. The engine
  /// attends to the whole context, so it refuses contexts longer than this.
  std::optional<std::int64_t> sliding_window;
  /// What config.json and the architecture say about biases. The tensors in the checkpoint decide.
  bool qkv_bias = false;
  bool o_bias = false;
  bool mlp_bias = false;
  std::optional<TokenId> bos_token_id;
  std::vector<TokenId> eos_token_ids;
  std::optional<TokenId> pad_token_id;
  std::optional<DType> dtype;  ///< of the stored weights, if config.json says and pangu knows it
  std::optional<QuantizationConfig> quantization;  ///< of checkpoints that pangu quantized
  Json pruning_config;                             ///< as it stands, or null

  /// The architecture's row. Throws Unsupported if there is none, as in a config made by hand.
  const Architecture& row() const;
  bool operator==(const ModelConfig&) const = default;
};

/// Reads `config.json` of a folder, or the file itself. Throws FileError if it cannot be read,
/// ConfigError naming file, key, found and expected for every value that cannot be, Unsupported for
/// an architecture, activation, RoPE type or quantization that this build lacks.
ModelConfig read_model_config(const std::filesystem::path& folder_or_file);

/// The same from parsed JSON; `file` names it in messages.
ModelConfig parse_model_config(const Json& json, std::string_view file);

/// config.json for this model; parse_model_config() gives the same ModelConfig back.
Json to_json(const ModelConfig& config);

}  // namespace pangu
