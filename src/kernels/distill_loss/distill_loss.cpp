// SPDX-License-Identifier: Apache-2.0
#include "kernels/distill_loss/distill_loss.h"

namespace pangu::kernels {
namespace {

constexpr Variant<DistillRows> kDistill[] = {
    {Isa::kRef, &distill_ref}, {Isa::kAvx2, &distill_avx2}, {Isa::kAvx512, &distill_avx512}};
constexpr Variant<DistillTopRows> kDistillTop[] = {{Isa::kRef, &distill_top_ref},
                                                   {Isa::kAvx2, &distill_top_avx2},
                                                   {Isa::kAvx512, &distill_top_avx512}};

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
