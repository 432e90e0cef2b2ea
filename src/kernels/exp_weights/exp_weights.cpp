// SPDX-License-Identifier: Apache-2.0
// Which variants of exp_weights this processor runs.
#include "kernels/exp_weights/exp_weights.h"

#include <vector>

namespace pangu::kernels {

double exp_weights_ref(const float*, std::size_t, float, double, double*) noexcept;
double exp_weights_avx2(const float*, std::size_t, float, double, double*) noexcept;
double exp_weights_avx512(const float*, std::size_t, float, double, double*) noexcept;

std::span<const ExpWeightsVariant> exp_weights_variants() {
  static const std::vector<ExpWeightsVariant> variants = [] {
    std::vector<ExpWeightsVariant> list;
#if defined(__x86_64__)
    if (detected_isa().has(Isa::kAvx512)) list.push_back({Isa::kAvx512, exp_weights_avx512});
    if (detected_isa().has(Isa::kAvx2)) list.push_back({Isa::kAvx2, exp_weights_avx2});
#endif
    list.push_back({Isa::kRef, exp_weights_ref});
    return list;
  }();
  return variants;
}

}  // namespace pangu::kernels
