// SPDX-License-Identifier: Apache-2.0
// How much longer the stages of a tokenizer may make a text. A chain of them in a file could
// multiply it without end; Unicode's own forms grow a text 18-fold at most.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"

namespace pangu::text {

inline constexpr std::size_t kMaxGrowth = 32;
/// For what stages put before short texts.
inline constexpr std::size_t kAlwaysAllowedBytes = 256;

/// Throws InputError if `stage` ("normalizer") has made `bytes` of `original_bytes`, and that is
/// too many.
inline void check_growth(std::string_view stage, std::size_t original_bytes, std::size_t bytes) {
  const std::size_t limit = original_bytes * kMaxGrowth + kAlwaysAllowedBytes;
  if (bytes <= limit) return;
  fail<InputError>(
      "[tokenizer] the tokenizer's {} makes a text of {} bytes longer than {} bytes; at most {} "
      "times its length and {} bytes were expected. Is the tokenizer file damaged?",
      stage, original_bytes, limit, kMaxGrowth, kAlwaysAllowedBytes);
}

}  // namespace pangu::text
