// SPDX-License-Identifier: Apache-2.0
#include "quant/weight_format.h"

#include <algorithm>
#include <vector>

#include "base/clipped.h"
#include "base/error.h"
#include "base/nearest_name.h"
#include "quant/bf16.h"
#include "quant/f16.h"
#include "quant/f32.h"
#include "quant/ggml_formats.h"
#include "quant/w4a16.h"
#include "quant/w8.h"
#include "tensor/dtype.h"

namespace pangu {
namespace {

/// Made when it is first asked for, which may be before main().
const std::array<FormatInfo, kWeightFormats>& table() {
  static const std::array<FormatInfo, kWeightFormats> kTable{
      kF32Format,          kF16Format,          kBf16Format,          kW8A16Format,
      kW8A8Format,         kW4A16G32Format,     kW4A16G64Format,      kW4A16G128Format,
      kW4A16G32AsymFormat, kW4A16G64AsymFormat, kW4A16G128AsymFormat, kW4A8G32Format,
      kW4A8G64Format,      kW4A8G128Format,     kQ8_0Format,          kQ4_0Format,
      kQ4_0_64Format,      kQ4_KFormat,         kQ6_KFormat,
  };
  return kTable;
}

}  // namespace

std::span<const StoredPart> FormatInfo::stored_parts() const {
  const auto end =
      std::find_if(parts.begin(), parts.end(), [](const StoredPart& p) { return !p.columns; });
  return {parts.begin(), end};
}

std::size_t FormatInfo::row_bytes(int64_t k) const {
  std::size_t bytes = 0;
  for (const StoredPart& p : stored_parts()) {
    bytes += static_cast<std::size_t>(p.columns(k)) * size_bytes(p.dtype);
  }
  return bytes;
}

double FormatInfo::bits_per_weight(int64_t k) const {
  return 8.0 * static_cast<double>(row_bytes(k)) / static_cast<double>(k);
}

std::span<const FormatInfo> weight_formats() {
  return table();
}

const FormatInfo& format_info(WeightFormat format) {
  return table()[static_cast<std::size_t>(format)];
}

std::optional<WeightFormat> parse_weight_format(std::string_view name) {
  for (const FormatInfo& info : table()) {
    if (same_name(info.name, name)) return info.format;
  }
  return std::nullopt;
}

WeightFormat require_weight_format(std::string_view name) {
  if (const auto format = parse_weight_format(name)) return *format;
  std::vector<std::string_view> known;
  for (const FormatInfo& info : table()) known.push_back(info.name);
  fail<ConfigError>("[format] '{}' is not a weight format.{} Known: {}.", clipped(name, 40),
                    did_you_mean(name, known), fmt::join(known, ", "));
}

std::optional<WeightFormat> weight_format_of_gguf(std::uint32_t type) {
  for (const FormatInfo& info : table()) {
    if (info.gguf_type == type) return info.format;
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

void require_block(const FormatInfo& format, int64_t k, std::string_view what) {
  if (k % format.block == 0) return;
  fail<ShapeError>(
      "[format] {} has rows of {} weights, but {} stores blocks of {}. Choose a format with "
      "smaller "
      "blocks (w4a16 and w8a16 take any length).",
      what, k, format.name, format.block);
}

}  // namespace pangu
