// SPDX-License-Identifier: Apache-2.0
// How many units each layer keeps, and which.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "compress/cut.h"

namespace pangu::compress {

enum class Allocation : std::uint8_t {
  kUniform,      ///< the same number in every layer, so that any loader takes the result
  kGlobal,       ///< the lowest scores of all layers together
  kSensitivity,  ///< fewer where a layer changes little of what goes through it
};

/// "uniform", "global", "sensitivity".
std::string_view name(Allocation allocation);
/// Throws ConfigError for another name.
Allocation parse_allocation(std::string_view name);

/// How a ratio becomes a size.
struct Rounding {
  std::int64_t align = 1;  ///< sizes are multiples of it
  bool up = false;
};

/// Of `n` units those that stay when `ratio` of `original` is to go: original - ratio * original,
/// cut off, then rounded; never more than n. Throws ConfigError for a ratio outside (0, 1), and
/// where nothing would stay under the alignment. Source: the published schedules, floor(target /
/// 256) * 256 (Taylor) and ceil(.. / 64) * 64 (CAMERA).
std::int64_t kept_size(std::int64_t n, std::int64_t original, double ratio,
                       const Rounding& rounding);

/// The share that is to be gone after round `round` of `rounds`, counted from 1.
enum class Pace : std::uint8_t {
  kLinear,
  kCubic,  ///< much at first; source: Zhu & Gupta 2017, arXiv:1710.01878
};
double ratio_after(double ratio, std::int64_t round, std::int64_t rounds, Pace pace);

/// Sizes in proportion to (1 - b) + b importance / mean importance, b = 1/2, at least half of what
/// each layer has, with the sum of `sizes` as near as the alignment allows.
/// Source: after Guo et al. 2025 (SlimLLM), arXiv:2505.22689.
std::vector<std::int64_t> by_importance(std::span<const std::int64_t> sizes,
                                        std::span<const std::int64_t> available,
                                        std::span<const double> importance,
                                        const Rounding& rounding);

/// Sizes that keep the highest scores of all layers, as many in all as `sizes` have, each a
/// multiple of the alignment and at least one of it.
std::vector<std::int64_t> by_score(std::span<const std::int64_t> sizes,
                                   const std::vector<std::vector<double>>& scores,
                                   const Rounding& rounding);

/// The `n` highest scores, rising; of equal ones the first.
Kept highest(std::span<const double> scores, std::int64_t n);

}  // namespace pangu::compress
