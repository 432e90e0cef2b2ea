// SPDX-License-Identifier: Apache-2.0
#include "kernels/gelu/gelu.h"

namespace pangu::kernels {
namespace {

constexpr Variant<GeluRange> kGeluForward[] = {PANGU_VARIANTS(gelu)};
constexpr Variant<GeluBackwardRange> kGeluBackward[] = {PANGU_VARIANTS(gelu_backward)};
constexpr int64_t kElementsPerTask = 8192;

}  // namespace

void gelu(const GeluArgs& args, const Executor& on) {
  GeluRange* const kernel = best_variant<GeluRange>(kGeluForward, on.isa);
  on.threads.parallel_for(args.count, kElementsPerTask,
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

void gelu_backward(const GeluBackwardArgs& args, const Executor& on) {
  GeluBackwardRange* const kernel = best_variant<GeluBackwardRange>(kGeluBackward, on.isa);
  on.threads.parallel_for(args.count, kElementsPerTask,
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
