// SPDX-License-Identifier: Apache-2.0
#include "kernels/gemm/gemm.h"

#include <algorithm>
#include <new>
#include <utility>

namespace pangu::kernels {
namespace {

// A strip of B of this depth stays in the first-level cache, or close to it, while the rows of a
// task pass, and those in the second-level cache while all strips do.
constexpr int64_t kBlockDepth = 512;
constexpr int64_t kRowsPerTask = 126;
// Blocks of lines bound the memory for packed operands. Where all rows of A pass at once, a packed
// block of B is read once: that much of it is still in the second-level cache.
constexpr int64_t kBlockLines = 3840;
constexpr int64_t kBlockLinesOnce = 384;
constexpr int64_t kRowsOnce = 256;
// Lines side by side are read along memory, as far as this and the number of threads allow.
constexpr int64_t kLinesPerPacking = 384;
// Rows that fewer columns than this pass over are not worth packing.
constexpr int64_t kColumnsToPackFor = 512;
constexpr std::size_t kAlignment = 64;

/// Slowest first.
constexpr std::pair<Isa, const GemmKernel*> kGemmLevels[] = {{Isa::kRef, &kGemmRef},
#if defined(__x86_64__)
                                                             {Isa::kAvx2, &kGemmAvx2},
                                                             {Isa::kAvx512, &kGemmAvx512},
                                                             {Isa::kAvx512Bf16, &kGemmAvx512Bf16}
#elif defined(__aarch64__)
                                                             {Isa::kNeon, &kGemmNeon}
#endif
};

/// Memory for packed blocks, kept by the calling thread: training asks for the same sizes again and
/// again.
class PackScratch {
 public:
  ~PackScratch() { ::operator delete (data_, std::align_val_t{kAlignment}); }
  std::byte* grown(std::size_t bytes) {
    if (bytes > bytes_) {
      ::operator delete (data_, std::align_val_t{kAlignment});
      data_ = nullptr;
      bytes_ = 0;
      data_ = static_cast<std::byte*>(::operator new (bytes, std::align_val_t{kAlignment}));
      bytes_ = bytes;
    }
    return data_;
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

/// Whole tiles of at most `lines`.
int64_t whole(int64_t lines, int64_t tile) {
  return lines / tile * tile;
}

/// One block of A and B, packed and multiplied.
class Block {
 public:
  Block(const GemmArgs& args, const GemmKernel& kernel, const Executor& on)
      : args_(args), kernel_(kernel), on_(on) {}

  void pack_b(int64_t n0, int64_t n, int64_t k0, int64_t depth) {
    thread_local PackScratch scratch;
    n0_ = n0, n_ = n, k0_ = k0, depth_ = depth;
    words_ = ceil_div(depth, kernel_.word);
    b_strip_ = static_cast<std::size_t>(words_ * kernel_.columns) * 4;
    const int64_t strips = ceil_div(n, kernel_.columns);
    b_ = scratch.grown(b_strip_ * static_cast<std::size_t>(strips));
    pack(args_.b, kernel_.pack_b, kernel_.columns, n0, n, b_, b_strip_);
  }

  /// All strips of B pass over the rows of one task before the next: neighbours in C, too.
  void multiply(int64_t m0, int64_t m) {
    prepare_a(m0, m);
    const int64_t rows = whole(kRowsPerTask, kernel_.rows);
    const int64_t row_tasks = ceil_div(m, rows), strips = ceil_div(n_, kernel_.columns);
    on_.threads.parallel_for(strips * row_tasks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; ++task) {
        const int64_t row = task / strips * rows;
        run(m0 + row, row, std::min(rows, m - row), task % strips);
      }
    });
  }

 private:
  void pack(const GemmOperand& from,
            void (*kernel)(const GemmOperand&, const GemmBlock&, std::byte*), int64_t width,
            int64_t line, int64_t lines, std::byte* to, std::size_t strip_bytes) const {
    const int64_t strips = ceil_div(lines, width);
    const int64_t grain = std::min(ceil_div(kLinesPerPacking, width),
                                   ceil_div(strips, 2 * int64_t{on_.threads.size()}));
    on_.threads.parallel_for(strips, grain, [&](int64_t begin, int64_t end) {
      const int64_t first = begin * width, count = std::min(lines, end * width) - first;
      kernel(from, {line + first, count, k0_, depth_},
             to + static_cast<std::size_t>(begin) * strip_bytes);
    });
  }

  /// Rows of f32 that lie along the inner axis are read where they are if that is not often.
  void prepare_a(int64_t m0, int64_t m) {
    if (kernel_.word == 1 && args_.a.dtype == DType::kF32 && args_.a.k_stride == 1 &&
        n_ < kColumnsToPackFor) {
      a_ = static_cast<const std::byte*>(args_.a.data) + (m0 * args_.a.line_stride + k0_) * 4;
      a_row_ = args_.a.line_stride;
      a_k_ = 1;
      a_strip_ = kernel_.rows * a_row_;
      return;
    }
    thread_local PackScratch scratch;
    a_strip_ = words_ * kernel_.rows;
    const auto strip_bytes = static_cast<std::size_t>(a_strip_) * 4;
    std::byte* packed =
        scratch.grown(strip_bytes * static_cast<std::size_t>(ceil_div(m, kernel_.rows)));
    pack(args_.a, kernel_.pack_a, kernel_.rows, m0, m, packed, strip_bytes);
    a_ = packed;
    a_row_ = 1;
    a_k_ = kernel_.rows;
  }

  /// `rows` rows of C from `c_row` on, which are those of the block of A from `row` on.
  void run(int64_t c_row, int64_t row, int64_t rows, int64_t strip) const {
    const int64_t column = strip * kernel_.columns;
    kernel_.tiles({.a = a_ + row / kernel_.rows * a_strip_ * 4,
                   .a_row_words = a_row_,
                   .a_k_words = a_k_,
                   .a_strip_words = a_strip_,
                   .b = b_ + static_cast<std::size_t>(strip) * b_strip_,
                   .depth = words_,
                   .c = args_.c + c_row * args_.c_stride + n0_ + column,
                   .c_stride = args_.c_stride,
                   .rows = rows,
                   .columns = std::min<int64_t>(kernel_.columns, n_ - column),
                   .accumulate = args_.accumulate || k0_ > 0});
  }

  const GemmArgs& args_;
  const GemmKernel& kernel_;
  const Executor& on_;
  int64_t n0_ = 0, n_ = 0, k0_ = 0, depth_ = 0, words_ = 0;
  std::byte* b_ = nullptr;
  std::size_t b_strip_ = 0;
  const std::byte* a_ = nullptr;
  int64_t a_row_ = 0, a_k_ = 0, a_strip_ = 0;
};

void fill_zero(const GemmArgs& args) {
  for (int64_t r = 0; r < args.m; ++r) {
    std::fill_n(args.c + r * args.c_stride, static_cast<std::size_t>(args.n), 0.0f);
  }
}

}  // namespace

const GemmKernel& gemm_kernel(DType arithmetic, Isa isa) {
  const GemmKernel* best = &kGemmRef;
  for (const auto& [level, kernel] : kGemmLevels) {
    const bool multiplies_it = kernel->word == 1 || arithmetic == DType::kBF16;
    if (isa.has(level) && multiplies_it) best = kernel;
  }
  return *best;
}

void gemm(const GemmArgs& args, const Executor& on) {
  if (args.k == 0 && !args.accumulate) fill_zero(args);
  const GemmKernel& kernel = gemm_kernel(args.arithmetic, on.isa);
  Block block(args, kernel, on);
  const int64_t rows = whole(kBlockLines, kernel.rows);
  const int64_t columns =
      whole(args.m <= kRowsOnce ? kBlockLinesOnce : kBlockLines, kernel.columns);
  for (int64_t n = 0; n < args.n; n += columns) {
    for (int64_t k = 0; k < args.k; k += kBlockDepth) {
      block.pack_b(n, std::min(columns, args.n - n), k, std::min(kBlockDepth, args.k - k));
      for (int64_t m = 0; m < args.m; m += rows) block.multiply(m, std::min(rows, args.m - m));
    }
  }
}

}  // namespace pangu::kernels
