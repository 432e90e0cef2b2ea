// SPDX-License-Identifier: Apache-2.0
// How far apart what different threads write must lie.
#pragma once

#include <cstddef>

namespace pangu {

/// Lines of x86 have 64 bytes, those of Arm 64 or, on some processors, 128.
#if defined(__aarch64__)
inline constexpr std::size_t kCacheLine = 128;
#else
inline constexpr std::size_t kCacheLine = 64;
#endif

}  // namespace pangu
