// SPDX-License-Identifier: Apache-2.0
// How a kernel lists its variants and picks one.
#pragma once

#include <span>

#include "base/cpu.h"
#include "base/thread_pool.h"

namespace pangu::kernels {

/// One implementation of a kernel and the instruction set it needs.
template <class Fn>
struct Variant {
  Isa isa;
  Fn* fn;
};

/// The best variant at or below `isa`; tables are ordered lowest first and begin with kRef, which
/// runs everywhere.
template <class Fn>
Fn* best_variant(std::span<const Variant<Fn>> variants, Isa isa) {
  Fn* best = variants.front().fn;
  for (const Variant<Fn>& v : variants) {
    if (v.isa <= isa) best = v.fn;
  }
  return best;
}

/// What a kernel runs on: the threads, and the instruction set chosen for this context.
struct Executor {
  ThreadPool& threads;
  Isa isa;
};

}  // namespace pangu::kernels
