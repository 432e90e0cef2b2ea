// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/linear.h"

#include <utility>

#include "kernels/linear/linear_input.h"

namespace pangu::kernels {

namespace {

constexpr std::pair<Isa, const LinearVariants*> kLinearLevels[] = {
    {Isa::kRef, &kLinearRef},
#if defined(__x86_64__)
    {Isa::kAvx2, &kLinearAvx2},
    {Isa::kAvx512, &kLinearAvx512},
    {Isa::kAvx512Vnni, &kLinearAvx512Vnni},
    {Isa::kAvx512Bf16, &kLinearAvx512Bf16}
#elif defined(__aarch64__)
    {Isa::kNeon, &kLinearNeon},
    {Isa::kNeonDotProd, &kLinearNeonDotProd},
    {Isa::kNeonI8mm, &kLinearNeonI8mm}
#endif
};

}  // namespace

LinearKernel linear_kernel(WeightFormat format, DType x_dtype, Isa isa) {
  const auto f = static_cast<std::size_t>(format);
  const std::size_t b = x_dtype == DType::kBF16 ? 1 : 0;
  LinearKernel best;
  for (const auto& [level, variants] : kLinearLevels) {
    const LinearKernel& kernel = variants->at[f][b];
    if (isa.has(level) && kernel.fn) best = kernel;
  }
  return best;
}

void linear(const LinearArgs& args, const Executor& on) {
  if (args.rows == 0) return;
  const LinearKernel kernel = linear_kernel(args.format, args.x_dtype, on.isa);
  const LinearInput in = prepare_input(args, kernel, on);
  const int64_t panels = (args.n_out + kPanelRows - 1) / kPanelRows;
  on.threads.parallel_for(panels, 1,
                          [&](int64_t first, int64_t last) { kernel.fn(args, in, first, last); });
}

}  // namespace pangu::kernels
