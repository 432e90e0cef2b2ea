// SPDX-License-Identifier: Apache-2.0
// The ways to run a model that a profile compares.
#pragma once

#include <compare>
#include <filesystem>
#include <string>
#include <string_view>

#include "models/weights/weight_plan.h"
#include "pangu/chat.h"
#include "pangu/speculation.h"
#include "quant/kv_format.h"

namespace pangu::adaptive {

/// What is loaded. A change of it changes replies, so each has a quality of its own.
struct Variant {
  std::filesystem::path source;  ///< a smaller copy of the model, as pruning makes; empty: itself
  std::string format;            ///< of the weights; empty: as they are stored
  std::string kv;                ///< of keys and values; empty: that of the arithmetic

  bool is_original() const { return source.empty() && format.empty() && kv.empty(); }
  WeightFormats formats() const { return WeightFormats::parse(format, "", ""); }
  /// "original", "w4a8-g64", "w8a8+kv-int8"; of the folder half "half", "half:w8a8".
  std::string name() const;
  auto operator<=>(const Variant&) const = default;
};

/// A variant and how it is asked. The way of speculation changes speed alone.
struct Strategy {
  Variant variant;
  Thinking thinking = Thinking::kDefault;
  SpeculationMode speculation = SpeculationMode::kOff;

  /// "w4a8-g64, thinking fast, speculation auto".
  std::string text() const;
};

/// "default", "fast", "slow", "auto".
std::string_view thinking_name(Thinking thinking);
/// Throws ConfigError for another name.
Thinking parse_thinking(std::string_view name);

}  // namespace pangu::adaptive
