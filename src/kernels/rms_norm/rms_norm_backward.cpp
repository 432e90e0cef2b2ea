// SPDX-License-Identifier: Apache-2.0
#include "kernels/rms_norm/rms_norm_backward.h"

#include "kernels/chunk_sums.h"

namespace pangu::kernels {
namespace {

constexpr Variant<RmsNormBackwardTokens> kRmsNormBackwardVariants[] = {
    PANGU_VARIANTS(rms_norm_backward)};

}  // namespace

void rms_norm_backward(const RmsNormBackwardArgs& args, const Executor& on) {
  RmsNormBackwardTokens* const kernel =
      best_variant<RmsNormBackwardTokens>(kRmsNormBackwardVariants, on.isa);
  sum_over_chunks(args.tokens, args.dweight ? args.n : 0, args.dweight, on,
                  [&](float* sums, int64_t first, int64_t last) {
                    kernel(args, args.dweight ? sums : nullptr, first, last);
                  });
}

}  // namespace pangu::kernels
