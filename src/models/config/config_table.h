// SPDX-License-Identifier: Apache-2.0
// The architectures pangu knows, one row each. A row says to which family of models it belongs, and
// how it departs from the rest of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace pangu {

/// Models that share a schema and a forward pass (models/family_table.h).
enum class Family : std::uint8_t { kDense };

struct Architecture {
  std::string_view name;        ///< config.json's architectures[0]
  std::string_view model_type;  ///< config.json's model_type
  Family family;
  /// RMSNorm of each query and key head before RoPE.
  bool has_qk_norm;
  /// RMSNorm of what attention and MLP add to the residual stream, when config.json does not say
  /// sandwich_norm.
  bool sandwich_norm;
  /// Attention biases when config.json says nothing.
  bool qkv_bias;
  bool o_bias;
  /// Whether config.json's bias keys count; the other architectures fix their biases.
  bool bias_from_config;
  /// Whether `sliding_window` counts when config.json does not say use_sliding_window.
  bool sliding_window;
  /// Used when config.json has no rope_theta, which only old Llama files omit.
  std::optional<double> rope_theta;
};

/// Every known architecture.
std::span<const Architecture> architectures();

/// The row with this name or this model_type, or nullptr.
const Architecture* find_architecture(std::string_view name_or_model_type);

/// "PanguEmbeddedForCausalLM, LlamaForCausalLM, ...", for messages.
std::string architecture_names();

}  // namespace pangu
