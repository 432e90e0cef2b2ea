// SPDX-License-Identifier: Apache-2.0
#include "kernels/distill_loss/distill_loss.h"

namespace pangu::kernels {
namespace {

constexpr Variant<DistillRows> kDistill[] = {PANGU_VARIANTS(distill)};
constexpr Variant<DistillTopRows> kDistillTop[] = {PANGU_VARIANTS(distill_top)};

}  // namespace

void distill(const DistillArgs& args, const Executor& on) {
  DistillRows* const kernel = best_variant<DistillRows>(kDistill, on.isa);
  on.threads.parallel_for(args.student.rows, 1,
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

void distill_top(const DistillTopArgs& args, const Executor& on) {
  DistillTopRows* const kernel = best_variant<DistillTopRows>(kDistillTop, on.isa);
  on.threads.parallel_for(args.student.rows, 1,
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
