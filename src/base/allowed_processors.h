// SPDX-License-Identifier: Apache-2.0
// Which processors this process may use.
#pragma once

#include <vector>

namespace pangu {

/// The processors that this process may run on, by the system's numbers, ascending: as they were
/// when this was first called, because threads that a pool binds to some of them (thread_pool.h)
/// see no others from then on. Never empty.
const std::vector<int>& allowed_processors();

}  // namespace pangu
