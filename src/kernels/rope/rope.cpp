// SPDX-License-Identifier: Apache-2.0
#include "kernels/rope/rope.h"

#include "kernels/grain.h"

namespace pangu::kernels {
namespace {

constexpr Variant<RopeTokens> kRopeVariants[] = {PANGU_VARIANTS(rope)};

}  // namespace

void rope(const RopeArgs& args, const Executor& on) {
  RopeTokens* const kernel = best_variant<RopeTokens>(kRopeVariants, on.isa);
  on.threads.parallel_for(args.tokens, tokens_per_task(args.heads * args.head_dim),
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
