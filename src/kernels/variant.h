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

template <class Fn>
constexpr Variant<Fn> variant(Isa isa, Fn* fn) {
  return {isa, fn};
}

/// What the table of a kernel has that has the usual variants: NAME_ref, and those of this family
/// of processors.
#if defined(__x86_64__)
#define PANGU_VARIANTS(NAME)                                          \
  variant(Isa::kRef, &NAME##_ref), variant(Isa::kAvx2, &NAME##_avx2), \
      variant(Isa::kAvx512, &NAME##_avx512)
#elif defined(__aarch64__)
#define PANGU_VARIANTS(NAME) variant(Isa::kRef, &NAME##_ref), variant(Isa::kNeon, &NAME##_neon)
#else
#define PANGU_VARIANTS(NAME) variant(Isa::kRef, &NAME##_ref)
#endif

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
