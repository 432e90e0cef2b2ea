// SPDX-License-Identifier: Apache-2.0
// How long-running work tells its caller how far it is; the application decides what to draw.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace pangu {

/// Called with the name of the work, the units done and the units in total. May throw Cancelled.
using ProgressFn = std::function<void(std::string_view what, int64_t done, int64_t total)>;

}  // namespace pangu
