// SPDX-License-Identifier: Apache-2.0
// Sixteen registers: four rows by two vectors of sums leave room for two inputs' weights; a single
// row takes the whole panel, eight vectors, so that memory is read strictly in order.
#include "kernels/linear/linear_fma.h"
#include "kernels/simd/avx2.h"

namespace pangu::kernels {

const LinearVariants kLinearAvx2 = fma_variants<V256, 4, 2, 8>();

}  // namespace pangu::kernels
