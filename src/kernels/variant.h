// SPDX-License-Identifier: Apache-2.0
// How a kernel lists its variants and picks one.
#pragma once

#include <span>

#include "base/executor.h"

namespace pangu::kernels {

/// One implementation of a kernel and the instructions it needs.
template <class Fn>
struct Variant {
  Isa isa;
  Fn* fn;
};

/// The last variant whose instructions `isa` has; tables are ordered slowest first and begin with
/// kRef, which runs everywhere.
template <class Fn>
Fn* best_variant(std::span<const Variant<Fn>> variants, Isa isa) {
  Fn* best = variants.front().fn;
  for (const Variant<Fn>& v : variants) {
    if (isa.has(v.isa)) best = v.fn;
  }
  return best;
}

}  // namespace pangu::kernels
