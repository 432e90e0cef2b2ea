// SPDX-License-Identifier: Apache-2.0
// Formats of a key/value cache.
//
//   f32, bf16  the numbers themselves
//   int8       8 bits, one f32 scale per token and head, keys and values each:
//              x ~ scale code, scale = max |x| / 127
//   int4       4 bits, an f16 scale and an f16 minimum for every 32 channels of a token and head:
//              x ~ scale code + minimum
//
// Vectors are quantized once, when they enter the cache, and by themselves, so results do not
// depend on how a sequence was cut into passes. Groups of 4-bit codes with a minimum each: Sheng et
// al. 2023, arXiv:2303.06865.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "pangu/dtype.h"

namespace pangu {

enum class KvFormat : std::uint8_t { kF32, kBF16, kInt8, kInt4 };

/// "f32", "bf16", "int8", "int4".
std::string_view name(KvFormat format);

/// Every format, in the order of the enumeration.
std::span<const KvFormat> kv_formats();

/// The format with this name. Throws ConfigError listing the known ones.
KvFormat require_kv_format(std::string_view name);

/// The format that holds the numbers of an arithmetic type as they are: f32 or bf16.
KvFormat exact_kv_format(DType dtype);

}  // namespace pangu
