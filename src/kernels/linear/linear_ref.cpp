// SPDX-License-Identifier: Apache-2.0
// The formula: y[r, o] = sum over i of x[r, i] * w[o, i] + bias[o] + residual[r, o].
#include <vector>

#include "kernels/linear/linear.h"
#include "tensor/dtype.h"

namespace pangu::kernels {
namespace {

template <class X>
void panels(const LinearArgs& a, int64_t first, int64_t last) {
  const FormatInfo& format = format_info(a.format);
  std::vector<float> w(static_cast<std::size_t>(a.k));
  for (int64_t o = first * kPanelRows; o < last * kPanelRows && o < a.n_out; ++o) {
    const std::byte* panel = a.weight + static_cast<std::size_t>(o / kPanelRows) * a.panel_bytes;
    format.unpack_row(panel, o % kPanelRows, a.k, w.data());
    for (int64_t r = 0; r < a.rows; ++r) {
      const X* x = static_cast<const X*>(a.x) + r * a.x_stride;
      float sum = 0.0f;
      for (int64_t i = 0; i < a.k; ++i) sum += to_f32(x[i]) * w[static_cast<std::size_t>(i)];
      if (a.bias) sum += a.bias[o];
      if (a.residual) sum += a.residual[r * a.residual_stride + o];
      a.y[r * a.y_stride + o] = sum;
    }
  }
}

}  // namespace

const LinearVariants kLinearRef{{{&panels<float>, &panels<bf16>},
                                 {&panels<float>, &panels<bf16>},
                                 {&panels<float>, &panels<bf16>}}};

}  // namespace pangu::kernels
