// SPDX-License-Identifier: Apache-2.0
// How much of what is read again comes from the processor instead of memory.
#pragma once

#include <cstdint>

namespace pangu {

/// Size of the largest cache that the processor says it has, in bytes; 0 where it says nothing.
std::int64_t largest_cache_bytes();

}  // namespace pangu
