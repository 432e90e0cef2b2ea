// SPDX-License-Identifier: Apache-2.0
// Whether a process is one of several that were started together.
#pragma once

namespace pangu {

/// By the variables that launchers set: Open MPI's, and those of the PMI of others.
bool is_launched_in_group();

}  // namespace pangu
