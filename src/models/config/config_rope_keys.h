// SPDX-License-Identifier: Apache-2.0
// Where config.json keeps the settings of RoPE: rope_theta and rope_scaling as transformers 4
// writes them, rope_parameters as transformers 5 does, and what writers made of the two together.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.h"

namespace pangu {

// Keys that stood beside the rope object before they stood in it; both places count.
inline constexpr std::string_view kRopeThetaKey = "rope_theta";
inline constexpr std::string_view kRopePartialKey = "partial_rotary_factor";
inline constexpr std::string_view kRopeOriginalKey = "original_max_position_embeddings";

/// Each setting has several places; those that are there must agree. A null counts as missing.
/// The config must outlive the view.
class RopeKeys {
 public:
  /// A key where it stands.
  struct Place {
    const JsonObject* object;
    std::string_view key;

    /// "rope_scaling.factor is 2".
    std::string text() const;
  };

  /// Throws ConfigError for a rope object that is none.
  explicit RopeKeys(const JsonObject& config);

  /// Where a setting stands; "rope_type" is called "type", too. Throws ConfigError naming two
  /// places that differ.
  std::optional<Place> find(std::string_view key) const;
  bool has(std::string_view key) const { return find(key).has_value(); }
  /// The object to ask for a key, and to complain about if it is missing.
  const JsonObject& at(std::string_view key) const;
  std::optional<double> number(std::string_view key, double min, double max) const;
  /// Whether a key stands there with null for a value, and nowhere with another.
  bool is_null(std::string_view key) const;

  /// Throws Unsupported for a key of the rope objects that says something, but to nobody: it is
  /// neither in every object nor among those of the type.
  void require_all_known(std::string_view type, std::span<const std::string_view> of_type) const;

 private:
  const JsonObject& config_;
  std::vector<JsonObject> objects_;
};

}  // namespace pangu
