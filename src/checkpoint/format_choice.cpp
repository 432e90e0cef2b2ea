// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/format_choice.h"

#include <fmt/format.h>

namespace pangu {

std::optional<FormatChoice> choose_format(const WeightFormats& formats, const TensorSpec& matrix) {
  const WeightPart part = weight_part(matrix.role);
  // 0 weights divide into any block.
  const auto asked = plan_format(formats, part, 0);
  if (!asked) return std::nullopt;
  return FormatChoice{.asked = *asked, .to = *plan_format(formats, part, matrix.k)};
}

bool needs_two_tables(const WeightFormats& formats, const ModelConfig& config) {
  return plan_format(formats, WeightPart::kHead, config.hidden_size) !=
         plan_format(formats, WeightPart::kEmbedding, config.hidden_size);
}

std::vector<std::string> ReplacedFormats::notes() const {
  std::vector<std::string> notes;
  for (const auto& [formats, count] : count_) {
    const auto& [asked, to, k] = formats;
    notes.push_back(
        fmt::format("{} {} with rows of {} weights {} {} in place of {}, whose blocks have {}.",
                    count, count == 1 ? "matrix" : "matrices", k, count == 1 ? "is" : "are",
                    name(to), name(asked), format_info(asked).block));
  }
  return notes;
}

}  // namespace pangu
