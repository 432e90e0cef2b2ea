// SPDX-License-Identifier: Apache-2.0
// y = x wᵀ + bias (+ residual) for a weight packed in panels of 64 outputs (quant/weight_format.h).
//
// Every output is one chain of fused multiply-adds over the inputs in rising order, in f32,
// whatever the number of rows: one row or five hundred give the same bits. Work is split over
// panels, never over the inputs. When there are many rows, the inputs are taken in blocks whose
// part of the panel stays in the second-level cache; the sums rest in y between blocks, which
// changes nothing about their order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/variant.h"
#include "pangu/dtype.h"
#include "quant/weight_format.h"

namespace pangu::kernels {

struct LinearArgs {
  const std::byte* weight;  ///< panels, back to back
  std::size_t panel_bytes;
  WeightFormat format;
  int64_t n_out;
  int64_t k;
  const void* x;  ///< [rows, k], f32 or bf16
  DType x_dtype;
  int64_t x_stride;  ///< elements from row to row
  int64_t rows;
  const float* bias;      ///< [n_out], or null
  const float* residual;  ///< [rows, n_out] with residual_stride, or null; may be y itself
  int64_t residual_stride;
  float* y;  ///< [rows, n_out]
  int64_t y_stride;
};

/// Computes the outputs of panels [first, last).
using LinearPanels = void(const LinearArgs& args, int64_t first, int64_t last);

/// The kernel for a format and activation type. Never null for f32 and bf16 activations.
LinearPanels* linear_panels(WeightFormat format, DType x_dtype, Isa isa);

/// Runs the kernel over all panels.
void linear(const LinearArgs& args, const Executor& on);

// One table row per weight format; the second index says whether activations are bf16.
struct LinearVariants {
  LinearPanels* fn[3][2];
};
extern const LinearVariants kLinearRef, kLinearAvx2, kLinearAvx512;
LinearPanels linear_bf16_dot_avx512bf16;

}  // namespace pangu::kernels
