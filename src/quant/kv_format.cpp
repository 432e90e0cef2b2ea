// SPDX-License-Identifier: Apache-2.0
#include "quant/kv_format.h"

#include <array>
#include <string>

#include "base/clipped.h"
#include "base/error.h"
#include "base/nearest_name.h"

namespace pangu {
namespace {

constexpr std::array kFormats{KvFormat::kF32, KvFormat::kBF16, KvFormat::kInt8, KvFormat::kInt4};
constexpr std::array<std::string_view, kFormats.size()> kNames{"f32", "bf16", "int8", "int4"};

}  // namespace

std::string_view name(KvFormat format) {
  return kNames[static_cast<std::size_t>(format)];
}

std::span<const KvFormat> kv_formats() {
  return kFormats;
}

KvFormat require_kv_format(std::string_view wanted) {
  for (const KvFormat format : kFormats) {
    if (same_name(name(format), wanted)) return format;
  }
  fail<ConfigError>("[kv cache] '{}' is not a format of keys and values.{} Known: {}.",
                    clipped(wanted, 40), did_you_mean(wanted, kNames), fmt::join(kNames, ", "));
}

KvFormat exact_kv_format(DType dtype) {
  return dtype == DType::kF32 ? KvFormat::kF32 : KvFormat::kBF16;
}

}  // namespace pangu
