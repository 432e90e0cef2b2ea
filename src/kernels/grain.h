// SPDX-License-Identifier: Apache-2.0
// How finely elementwise work is split.
#pragma once

#include <cstdint>

namespace pangu::kernels {

/// Tokens per task when each has `elements` to go over: waking a thread costs about as much as
/// sixteen thousand elements, so less than that is not worth a task.
inline int64_t tokens_per_task(int64_t elements) {
  constexpr int64_t kWorthATask = 16384;
  return elements >= kWorthATask ? 1 : (kWorthATask + elements - 1) / (elements > 0 ? elements : 1);
}

}  // namespace pangu::kernels
