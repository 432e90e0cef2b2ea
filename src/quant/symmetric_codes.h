// SPDX-License-Identifier: Apache-2.0
// int8 codes as kernels take them: -128 has no counterpart of opposite sign and is not used by any
// symmetric quantizer.
#pragma once

#include <cstdint>
#include <cstring>

#include "base/error.h"

namespace pangu {

/// Throws InputError if one of `n` codes is -128.
inline void require_symmetric_codes(const std::int8_t* codes, int64_t n, std::string_view format) {
  if (std::memchr(codes, 0x80, static_cast<std::size_t>(n)) == nullptr) return;
  fail<InputError>(
      "[weights] a row has the code -128; {} weights have codes from -127 to 127. Quantize the "
      "model again with symmetric codes, or load it with --format bf16.",
      format);
}

}  // namespace pangu
