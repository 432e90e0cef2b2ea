// SPDX-License-Identifier: Apache-2.0
// The largest sizes that a configuration may have, in any file: what is larger is damage.
#pragma once

#include <cstdint>

namespace pangu {

inline constexpr std::int64_t kMaxHidden = 1'000'000;
inline constexpr std::int64_t kMaxIntermediate = 10'000'000;
inline constexpr std::int64_t kMaxLayers = 1000;
inline constexpr std::int64_t kMaxHeads = 100'000;
inline constexpr std::int64_t kMaxHeadDim = 1024;
inline constexpr std::int64_t kMaxVocab = 10'000'000;
/// Positions, and the factor by which rope scaling stretches them.
inline constexpr std::int64_t kMaxPositions = std::int64_t{1} << 31;
inline constexpr double kMaxFactor = 1e6;

}  // namespace pangu
