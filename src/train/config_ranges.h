// SPDX-License-Identifier: Apache-2.0
// What numbers of a training config may be that commands have options for, too.
#pragma once

#include <cstdint>
#include <limits>

#include "base/number_range.h"
#include "pangu/token.h"

namespace pangu {

inline constexpr NumberRange kLearningRates{.min = 0, .max = 100, .excludes_min = true};
inline constexpr NumberRange kEpochs{.min = 1e-9, .max = 1e9};
inline constexpr NumberRange kTemperatures{.min = 0.01, .max = 1000};
/// Of a part of the loss.
inline constexpr NumberRange kLossWeights{.min = 0, .max = 1e6};

/// The most that may be given; the least is 1.
inline constexpr std::int64_t kMostSteps = std::int64_t{1} << 40;
inline constexpr std::int64_t kMostRows = std::int64_t{1} << 20;
inline constexpr std::int64_t kMostRowTokens = std::int64_t{1} << 24;
inline constexpr std::int64_t kMostKeptTokens = std::numeric_limits<TokenId>::max();

}  // namespace pangu
