// SPDX-License-Identifier: Apache-2.0
#include "kernels/softmax/softmax.h"

#include "kernels/grain.h"

namespace pangu::kernels {
namespace {

constexpr Variant<SoftmaxRows> kSoftmaxForward[] = {PANGU_VARIANTS(softmax)};
constexpr Variant<SoftmaxBackwardRows> kSoftmaxBackward[] = {PANGU_VARIANTS(softmax_backward)};

}  // namespace

void softmax(const SoftmaxArgs& args, const Executor& on) {
  SoftmaxRows* const kernel = best_variant<SoftmaxRows>(kSoftmaxForward, on.isa);
  on.threads.parallel_for(args.rows, tokens_per_task(args.n),
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

void softmax_backward(const SoftmaxBackwardArgs& args, const Executor& on) {
  SoftmaxBackwardRows* const kernel = best_variant<SoftmaxBackwardRows>(kSoftmaxBackward, on.isa);
  on.threads.parallel_for(args.rows, tokens_per_task(args.n),
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
