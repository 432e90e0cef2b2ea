// SPDX-License-Identifier: Apache-2.0
#include "quant/weight_format.h"

#include <array>

#include "base/error.h"
#include "quant/bf16.h"
#include "quant/f16.h"
#include "quant/f32.h"

namespace pangu {
namespace {

const std::array kTable{kF32Format, kF16Format, kBf16Format};

}  // namespace

std::span<const FormatInfo> weight_formats() {
  return kTable;
}

const FormatInfo& format_info(WeightFormat format) {
  return kTable[static_cast<std::size_t>(format)];
}

std::optional<WeightFormat> parse_weight_format(std::string_view name) {
  for (const FormatInfo& info : kTable) {
    if (info.name == name) return info.format;
  }
  return std::nullopt;
}

WeightFormat exact_format(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return WeightFormat::kF32;
    case DType::kF16:
      return WeightFormat::kF16;
    case DType::kBF16:
      return WeightFormat::kBF16;
    default:
      fail<Unsupported>("[weights] elements of type {} hold no weights; f32, f16 and bf16 do.",
                        name(dtype));
  }
}

}  // namespace pangu
