// SPDX-License-Identifier: Apache-2.0
// The formula: y[r, o] = sum over i of x[r, i] * w[o, i] + bias[o] + residual[r, o], with the exact
// weights that a panel holds; for w8a8 and w4a8 with the activations as int8 codes times their
// scale.
#include <vector>

#include "kernels/linear/linear.h"
#include "tensor/dtype.h"

namespace pangu::kernels {
namespace {

float as_float(float x) {
  return x;
}
float as_float(bf16 x) {
  return to_f32(x);
}
float as_float(std::int8_t x) {
  return static_cast<float>(x);
}

template <class X>
void panels(const LinearArgs& a, const LinearInput& in, int64_t first, int64_t last) {
  const FormatInfo& format = format_info(a.format);
  std::vector<float> w(static_cast<std::size_t>(a.k));
  for (int64_t o = first * kPanelRows; o < last * kPanelRows && o < a.n_out; ++o) {
    const std::byte* panel = a.weight + static_cast<std::size_t>(o / kPanelRows) * a.panel_bytes;
    format.cpu.unpack_row(panel, o % kPanelRows, a.k, w.data());
    for (int64_t r = 0; r < a.rows; ++r) {
      const X* x = static_cast<const X*>(in.x) + r * in.stride;
      float sum = 0.0f;
      for (int64_t i = 0; i < a.k; ++i) sum += as_float(x[i]) * w[static_cast<std::size_t>(i)];
      if (in.scales) sum *= in.scales[r];
      if (a.bias) sum += a.bias[o];
      if (a.residual) sum += a.residual[r * a.residual_stride + o];
      a.y[r * a.y_stride + o] = sum;
    }
  }
}

constexpr LinearVariants make_table() {
  LinearVariants t{};
  for (auto& kernels : t.at) {
    kernels[0] = {&panels<float>, InputForm::kAsIs, false};
    kernels[1] = {&panels<bf16>, InputForm::kAsIs, false};
  }
  using F = WeightFormat;
  for (const F f : {F::kW8A8, F::kW4A8G32, F::kW4A8G64, F::kW4A8G128}) {
    for (auto& kernel : t.at[static_cast<std::size_t>(f)]) {
      kernel = {&panels<std::int8_t>, InputForm::kInt8, false};
    }
  }
  return t;
}

}  // namespace

constinit const LinearVariants kLinearRef = make_table();

}  // namespace pangu::kernels
