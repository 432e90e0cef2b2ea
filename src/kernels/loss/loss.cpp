// SPDX-License-Identifier: Apache-2.0
#include "kernels/loss/loss.h"

namespace pangu::kernels {
namespace {

constexpr Variant<CrossEntropyRows> kCrossEntropy[] = {{Isa::kRef, &cross_entropy_ref},
                                                       {Isa::kAvx2, &cross_entropy_avx2},
                                                       {Isa::kAvx512, &cross_entropy_avx512}};

}  // namespace

void cross_entropy(const CrossEntropyArgs& args, const Executor& on) {
  CrossEntropyRows* const kernel = best_variant<CrossEntropyRows>(kCrossEntropy, on.isa);
  on.threads.parallel_for(args.rows, 1,
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
