// SPDX-License-Identifier: Apache-2.0
#include "kernels/linear/linear.h"

#include <array>

namespace pangu::kernels {

LinearPanels* linear_panels(WeightFormat format, DType x_dtype, Isa isa) {
  const auto f = static_cast<std::size_t>(format);
  const std::size_t b = x_dtype == DType::kBF16 ? 1 : 0;
  const bool bf16_dot = format == WeightFormat::kBF16 && x_dtype == DType::kBF16;
  const std::array<Variant<LinearPanels>, 4> variants{
      {{Isa::kRef, kLinearRef.fn[f][b]},
       {Isa::kAvx2, kLinearAvx2.fn[f][b]},
       {Isa::kAvx512, kLinearAvx512.fn[f][b]},
       {Isa::kAvx512Bf16, bf16_dot ? &linear_bf16_dot_avx512bf16 : kLinearAvx512.fn[f][b]}}};
  return best_variant<LinearPanels>(variants, isa);
}

void linear(const LinearArgs& args, const Executor& on) {
  LinearPanels* const kernel = linear_panels(args.format, args.x_dtype, on.isa);
  const int64_t panels = (args.n_out + kPanelRows - 1) / kPanelRows;
  on.threads.parallel_for(panels, 1,
                          [&](int64_t first, int64_t last) { kernel(args, first, last); });
}

}  // namespace pangu::kernels
