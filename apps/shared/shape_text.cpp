// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/shape_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/parameter_count.h"
#include "report/units.h"

namespace pangu::app {

bool widths_differ(const std::vector<std::int64_t>& widths) {
  return std::ranges::adjacent_find(widths, std::ranges::not_equal_to{}) != widths.end();
}

std::string widths_text(const std::vector<std::int64_t>& widths) {
  if (widths.empty()) return "none";
  const auto [low, high] = std::ranges::minmax_element(widths);
  return *low == *high ? std::to_string(*low) : fmt::format("{} to {}, by layer", *low, *high);
}

std::string shape_text(const ModelConfig& c) {
  return fmt::format(
      "{} layer{}, hidden size {}, feed-forward {}, {} heads ({} for keys and values) of size {}, "
      "vocabulary {}; {} parameters",
      c.n_layers, c.n_layers == 1 ? "" : "s", c.hidden_size, widths_text(c.intermediate_size),
      c.n_heads, c.n_kv_heads, c.head_dim, c.vocab_size,
      count_text(static_cast<double>(parameter_count(c).total())));
}

Json shape_json(const ModelConfig& c) {
  return {{"layers", c.n_layers},      {"hidden_size", c.hidden_size},
          {"heads", c.n_heads},        {"kv_heads", c.n_kv_heads},
          {"head_dim", c.head_dim},    {"intermediate_size", c.intermediate_size},
          {"vocab_size", c.vocab_size}};
}

}  // namespace pangu::app
