// SPDX-License-Identifier: Apache-2.0
// y = x wᵀ + bias (+ residual) for a weight packed in panels of 64 outputs (quant/weight_format.h).
//
// Every output is summed over the inputs in rising order, in f32 (codes with codes, for w8a8 and
// w4a8, in int32), whatever the number of rows: one row or five hundred give the same bits. Where a
// group of inputs shares a scale, each group is summed on its own, scaled, and added to the sum of
// those before. Work is split over panels, never over the inputs. When there are many rows, the
// inputs are taken in blocks whose part of the panel stays in a cache; the sums rest in y between
// blocks, which changes nothing about their order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/variant.h"
#include "pangu/dtype.h"
#include "quant/weight_format.h"

namespace pangu::kernels {

struct LinearArgs {
  const std::byte* weight = nullptr;  ///< panels, back to back
  std::size_t panel_bytes;
  WeightFormat format;
  int64_t n_out;
  int64_t k;
  const void* x = nullptr;  ///< [rows, k], f32 or bf16
  DType x_dtype;
  int64_t x_stride;  ///< elements from row to row
  int64_t rows;
  const float* bias = nullptr;      ///< [n_out], or null
  const float* residual = nullptr;  ///< [rows, n_out] with residual_stride, or null; apart from y
  int64_t residual_stride;
  float* y = nullptr;  ///< [rows, n_out]
  int64_t y_stride;
};

/// Activations in the form that the kernel of a format takes (linear_input.h).
struct LinearInput {
  const void* x;      ///< [rows, k rounded up to whole groups], past k zeros
  int64_t stride;     ///< elements from row to row
  const float* sums;  ///< formats with zero points or minima: [rows, groups] sums of each group
  int64_t sums_stride;
  const std::int8_t* codes;       ///< kInt16: the int8 codes, with the stride of x
  const float* scales;            ///< int8 activations: [rows]
  const std::int32_t* code_sums;  ///< sums of their codes: of rows, or of each group as `sums` are
};

/// Computes the outputs of panels [first, last).
using LinearPanels = void(const LinearArgs& args, const LinearInput& in, int64_t first,
                          int64_t last);

/// What a kernel wants to be given.
enum class InputForm : std::uint8_t {
  kAsIs,       ///< x as it comes, f32 or bf16
  kF32,        ///< f32, padded
  kBF16,       ///< bf16, padded
  kInt8,       ///< int8 with a scale for each row, padded
  kInt16,      ///< the same codes as int16, and as int8, too
  kInt8Words,  ///< int8, every eight in the order 0 4 1 5 2 6 3 7, with sums of each group
};

/// A kernel with its wish; `fn` is null where an instruction set has none for a format.
struct LinearKernel {
  LinearPanels* fn = nullptr;
  InputForm form = InputForm::kAsIs;
  bool sums = false;  ///< wants the sums of each group
  bool lines =
      false;  ///< wants rows of whole cache lines, past k zeros, that begin in different sets
};

/// The kernel for a format and activation type. Never null for f32 and bf16 activations.
LinearKernel linear_kernel(WeightFormat format, DType x_dtype, Isa isa);

/// Runs the kernel over all panels.
void linear(const LinearArgs& args, const Executor& on);

/// How far ahead of the weights that it reads a kernel with few rows asks for more: without, one
/// row of quantized weights reaches three quarters of the bandwidth. Depends on who made the
/// processor (linear.cpp).
extern const int64_t kPrefetchBytes;

// One row per weight format; the second index says whether activations are bf16.
struct LinearVariants {
  LinearKernel at[kWeightFormats][2];
};
extern const LinearVariants kLinearRef, kLinearAvx2, kLinearAvxVnni, kLinearAvx512,
    kLinearAvx512Vnni, kLinearAvx512Bf16, kLinearAmx, kLinearNeon, kLinearNeonDotProd,
    kLinearNeonI8mm;

}  // namespace pangu::kernels
