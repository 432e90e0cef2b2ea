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
    {Isa::kAvxVnni, &kLinearAvxVnni},
    {Isa::kAvx512, &kLinearAvx512},
    {Isa::kAvx512Vnni, &kLinearAvx512Vnni},
    {Isa::kAvx512Bf16, &kLinearAvx512Bf16},
    {Isa::kAmx, &kLinearAmx}
#elif defined(__aarch64__)
    {Isa::kNeon, &kLinearNeon},
    {Isa::kNeonDotProd, &kLinearNeonDotProd},
    {Isa::kNeonI8mm, &kLinearNeonI8mm}
#endif
};

/// Measured (docs/performance.md, "What was tried"): on a Xeon with AMX 8 KiB give up to a
/// quarter less than 2 to 3 KiB; on an Ice Lake 2 KiB give 4% less than 8. On AMD's processors no
/// other distance than 8 KiB has been tried.
int64_t prefetch_distance() {
#if defined(__x86_64__)
  if (__builtin_cpu_is("intel")) return 5 << 9;
#endif
  return 8 << 10;
}

}  // namespace

const int64_t kPrefetchBytes = prefetch_distance();

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
