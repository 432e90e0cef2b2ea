// SPDX-License-Identifier: Apache-2.0
#include "kernels/silu_mul/silu_mul.h"

#include "kernels/grain.h"

namespace pangu::kernels {
namespace {

constexpr Variant<SiluMulTokens> kSiluMulVariants[] = {PANGU_VARIANTS(silu_mul)};

}  // namespace

void silu_mul(const SiluMulArgs& args, const Executor& on) {
  SiluMulTokens* const kernel = best_variant<SiluMulTokens>(kSiluMulVariants, on.isa);
  on.threads.parallel_for(args.tokens, tokens_per_task(2 * args.n),
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
