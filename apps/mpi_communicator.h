// SPDX-License-Identifier: Apache-2.0
// Data-parallel training over MPI, in programs that mpirun starts.
#pragma once

#include <memory>

#include "train/communicator.h"

namespace pangu::app {

/// The ranks that mpirun (or srun) started, or one process where nothing of the kind did. At most
/// one may live. Throws Unsupported under mpirun if this program was built without MPI.
std::unique_ptr<Communicator> join_process_group();

}  // namespace pangu::app
