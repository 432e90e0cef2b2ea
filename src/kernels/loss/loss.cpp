// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/loss.h"

namespace pangu::kernels {
namespace {

constexpr Variant<CrossEntropyRows> kCrossEntropy[] = {PANGU_VARIANTS(cross_entropy)};

}  // namespace

void cross_entropy(const CrossEntropyArgs& args, const Executor& on) {
  CrossEntropyRows* const kernel = best_variant<CrossEntropyRows>(kCrossEntropy, on.isa);
  on.threads.parallel_for(args.rows, 1,
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
