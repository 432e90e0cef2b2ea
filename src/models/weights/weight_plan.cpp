// SPDX-License-Identifier: Apache-2.0
#include "models/weights/weight_plan.h"

namespace pangu {
namespace {

std::optional<WeightFormat> parse_part(std::string_view name) {
  return name.empty() ? std::nullopt : std::optional(require_weight_format(name));
}

}  // namespace

WeightFormats WeightFormats::parse(std::string_view layers, std::string_view head,
                                   std::string_view embedding) {
  return {parse_part(layers), parse_part(head), parse_part(embedding)};
}

WeightPart weight_part(TensorRole role) {
  if (role == TensorRole::kHead) return WeightPart::kHead;
  if (role == TensorRole::kEmbedding) return WeightPart::kEmbedding;
  return WeightPart::kLayer;
}

WeightFormat fitting_format(WeightFormat format, int64_t k) {
  for (const WeightFormat f : {format, WeightFormat::kQ8_0}) {
    if (k % format_info(f).block == 0) return f;
  }
  return WeightFormat::kF16;
}

std::optional<WeightFormat> plan_format(const WeightFormats& formats, WeightPart part, int64_t k) {
  std::optional<WeightFormat> format = formats.layers;
  if (part != WeightPart::kLayer) {
    const auto& own = part == WeightPart::kHead ? formats.head : formats.embedding;
    if (format) format = format_info(*format).head_format.value_or(*format);
    if (own) format = own;
  }
  return format ? std::optional(fitting_format(*format, k)) : std::nullopt;
}

}  // namespace pangu
