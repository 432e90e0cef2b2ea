// SPDX-License-Identifier: Apache-2.0
#include "kernels/rms_norm/rms_norm.h"

#include "kernels/grain.h"

namespace pangu::kernels {
namespace {

constexpr Variant<RmsNormTokens> kRmsNormVariants[] = {PANGU_VARIANTS(rms_norm)};

}  // namespace

void rms_norm(const RmsNormArgs& args, const Executor& on) {
  RmsNormTokens* const kernel = best_variant<RmsNormTokens>(kRmsNormVariants, on.isa);
  on.threads.parallel_for(args.tokens, tokens_per_task(args.heads * args.n),
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
