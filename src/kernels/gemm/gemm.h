// SPDX-License-Identifier: Apache-2.0
// C = A B or C += A B of f32 matrices in any orientation: the products that only training needs.
// Gradients of inputs and of weights have no packed weight to run over, as `linear` does.
//
// Both operands are brought into strips as wide as the kernel's tile, a block at a time; a tile of
// C stays in registers while its strips go by. Source: Goto & van de Geijn 2008, "Anatomy of
// high-performance matrix multiplication". Work is split over tiles of C, never over the inner
// axis, so results do not depend on the number of threads.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/variant.h"
#include "pangu/dtype.h"

namespace pangu::kernels {

/// A matrix that a product reads: lines (rows of A, columns of B) by the inner axis.
struct GemmOperand {
  const void* data = nullptr;  ///< f32 or bf16
  DType dtype;
  int64_t line_stride;  ///< elements from line to line
  int64_t k_stride;     ///< elements from one inner index to the next
};

struct GemmArgs {
  int64_t m, n, k;
  GemmOperand a;       ///< m lines
  GemmOperand b;       ///< n lines
  float* c = nullptr;  ///< [m, n]
  int64_t c_stride;
  bool accumulate;   ///< add to C rather than replace it
  DType arithmetic;  ///< f32; or bf16: operands are rounded to bf16 where the machine multiplies
                     ///< those
};

void gemm(const GemmArgs& args, const Executor& on);

/// A block of lines [line, line + lines) and inner indices [k, k + depth) of an operand.
struct GemmBlock {
  int64_t line, lines;
  int64_t k, depth;
};

/// One column strip of B against rows of A. Operands are words: one f32, or two neighbouring inner
/// indices as bf16.
struct GemmTiles {
  const std::byte* a;  ///< strips of `rows` lines, or the rows themselves
  int64_t a_row_words, a_k_words;
  int64_t a_strip_words;  ///< from one group of `rows` to the next
  const std::byte* b;     ///< one strip
  int64_t depth;          ///< in words
  float* c;
  int64_t c_stride;
  int64_t rows, columns;  ///< of C
  bool accumulate;
};

/// What an instruction set offers.
struct GemmKernel {
  int rows, columns;  ///< of a tile
  int word;           ///< inner indices in a word: 1 (f32) or 2 (bf16)
  /// Writes strips [lines / width][words][width]; lines and inner indices that are missing are
  /// zero.
  void (*pack_a)(const GemmOperand& from, const GemmBlock& block, std::byte* to);
  void (*pack_b)(const GemmOperand& from, const GemmBlock& block, std::byte* to);
  void (*tiles)(const GemmTiles& args);
};

extern const GemmKernel kGemmRef, kGemmAvx2, kGemmAvx512, kGemmAvx512Bf16, kGemmNeon;

/// The fastest of them that `isa` has.
const GemmKernel& gemm_kernel(DType arithmetic, Isa isa);

}  // namespace pangu::kernels
