// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pangu {

/// Tokens per pass of a prefill: enough to reach the arithmetic peak, few enough that activations
/// stay in the caches and a cancellation is noticed soon.
inline constexpr std::int64_t kPrefillChunk = 512;

}  // namespace pangu
