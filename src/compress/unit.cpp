// SPDX-License-Identifier: Apache-2.0
#include "compress/unit.h"

#include <array>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"

namespace pangu::compress {
namespace {

constexpr std::array kUnitNames = {
    std::pair{Unit::kNeurons, std::string_view("neurons")},
    std::pair{Unit::kHeads, std::string_view("heads")},
    std::pair{Unit::kLayers, std::string_view("layers")},
    std::pair{Unit::kChannels, std::string_view("channels")},
    std::pair{Unit::kWeights, std::string_view("weights")},
};

}  // namespace

std::string_view name(Unit unit) {
  for (const auto& [known, text] : kUnitNames) {
    if (known == unit) return text;
  }
  return "?";
}

Unit parse_unit(std::string_view text) {
  for (const auto& [unit, known] : kUnitNames) {
    if (known == text) return unit;
  }
  fail<ConfigError>(
      "[prune] there is no unit '{}'. One of neurons, heads, layers, channels, weights was "
      "expected.",
      clipped(text));
}

std::int64_t unit_count(const ModelConfig& config, Unit unit, std::int64_t l) {
  switch (unit) {
    case Unit::kNeurons:
      return config.intermediate_size[static_cast<std::size_t>(l)];
    case Unit::kHeads:
      return config.n_kv_heads;
    case Unit::kLayers:
      return 1;
    case Unit::kChannels:
      return config.hidden_size;
    case Unit::kWeights:
      break;
  }
  fail<ConfigError>("[prune] single weights are not counted in layers.");
}

}  // namespace pangu::compress
