// SPDX-License-Identifier: Apache-2.0
// Thirty-two registers: six rows by a whole panel of four vectors are 24 sums, with four weight
// vectors and one broadcast input beside them.
#include "kernels/linear/linear_fma.h"
#include "kernels/simd/avx512.h"

namespace pangu::kernels {

const LinearVariants kLinearAvx512 = fma_variants<V512, 6, 4, 4>();

}  // namespace pangu::kernels
