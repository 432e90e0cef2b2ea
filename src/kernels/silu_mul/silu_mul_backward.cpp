// SPDX-License-Identifier: Apache-2.0
#include "kernels/silu_mul/silu_mul_backward.h"

#include "kernels/grain.h"

namespace pangu::kernels {
namespace {

constexpr Variant<SiluMulBackwardTokens> kSiluMulBackwardVariants[] = {
    {Isa::kRef, &silu_mul_backward_ref},
    {Isa::kAvx2, &silu_mul_backward_avx2},
    {Isa::kAvx512, &silu_mul_backward_avx512}};

}  // namespace

void silu_mul_backward(const SiluMulBackwardArgs& args, const Executor& on) {
  SiluMulBackwardTokens* const kernel =
      best_variant<SiluMulBackwardTokens>(kSiluMulBackwardVariants, on.isa);
  on.threads.parallel_for(args.tokens, tokens_per_task(4 * args.n),
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
