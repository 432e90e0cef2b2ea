// SPDX-License-Identifier: Apache-2.0
#include "kernels/silu_mul/silu_mul_backward.h"

#include "kernels/grain.h"

namespace pangu::kernels {
namespace {

constexpr Variant<SiluMulBackwardTokens> kSiluMulBackwardVariants[] = {
    PANGU_VARIANTS(silu_mul_backward)};

}  // namespace

void silu_mul_backward(const SiluMulBackwardArgs& args, const Executor& on) {
  SiluMulBackwardTokens* const kernel =
      best_variant<SiluMulBackwardTokens>(kSiluMulBackwardVariants, on.isa);
  on.threads.parallel_for(args.tokens, tokens_per_task(4 * args.n),
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
