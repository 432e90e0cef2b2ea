// SPDX-License-Identifier: Apache-2.0
// The processes that a launcher such as mpirun started together. Compiled apart from the layer
// (process_group_mpi.cpp), for programs that link pangu_comm_mpi: the library links no MPI.
#pragma once

#include <memory>

#include "comm/communicator.h"

namespace pangu {

/// The ranks that mpirun (or srun) started, or one process where nothing of the kind did. At most
/// one may live. Throws Unsupported under mpirun if this program was built without MPI.
std::unique_ptr<Communicator> join_process_group();

}  // namespace pangu
