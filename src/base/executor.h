// SPDX-License-Identifier: Apache-2.0
// What host code and the kernels of the CPU run on.
#pragma once

#include "base/cpu.h"
#include "base/thread_pool.h"

namespace pangu {

/// Threads, and the instruction set chosen for a context.
struct Executor {
  ThreadPool& threads;
  Isa isa;
};

}  // namespace pangu
