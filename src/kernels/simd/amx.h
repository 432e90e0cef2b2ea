// SPDX-License-Identifier: Apache-2.0
// The tile registers of AMX. A tile has up to 16 rows of up to 64 bytes. A product adds to a tile
// of 32-bit sums, [m][n], what m rows of A give with n columns of B, whose rows hold four bytes of
// inputs (four codes, or two bf16) of each column. Included only by *_amx.cpp files.
//
// Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, TDPBSSD, TDPBSUD
// and TDPBF16PS. In assembly: the intrinsics of g++ 12 do not say that they read memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/simd/unroll.h"

namespace pangu::kernels {
namespace {

constexpr int kTileRows = 16;
constexpr int64_t kTileRowBytes = 64;
/// Four tiles of sums, two by two, two of A and two of B: all eight there are.
constexpr int kSums = 0, kA = 4, kB = 6;

template <int Tile>
PANGU_INLINE void zero_tile() {
  asm volatile("tilezero %%tmm%c0" ::"i"(Tile));
}
/// `stride` bytes from row to row.
template <int Tile>
PANGU_INLINE void load_tile(const void* from, int64_t stride) {
  asm volatile("tileloadd (%1,%2,1), %%tmm%c0" ::"i"(Tile), "r"(from), "r"(stride) : "memory");
}
template <int Tile>
PANGU_INLINE void store_tile(void* to, int64_t stride) {
  asm volatile("tilestored %%tmm%c0, (%1,%2,1)" ::"i"(Tile), "r"(to), "r"(stride) : "memory");
}

/// Signed times signed bytes, exact.
struct SignedBytes {
  template <int Sum, int A, int B>
  PANGU_INLINE static void dot() {
    asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(Sum), "i"(A), "i"(B));
  }
};
/// Signed bytes of A times unsigned ones of B, exact.
struct UnsignedBytes {
  template <int Sum, int A, int B>
  PANGU_INLINE static void dot() {
    asm volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(Sum), "i"(A), "i"(B));
  }
};
/// bf16 times bf16: the products of inputs 0, 2, 4 ... of a tile's row are summed in f32, those of
/// 1, 3, 5 ... too, and both together added to the sum. Subnormal numbers count as zeros.
struct Bf16Pairs {
  template <int Sum, int A, int B>
  PANGU_INLINE static void dot() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(Sum), "i"(A), "i"(B));
  }
};

/// Says how large the tiles are, and leaves them to others at the end. A thread has one at a time.
class TileShape {
 public:
  /// Products of `row_bytes` bytes of inputs, a multiple of 4 up to 64.
  explicit TileShape(int64_t row_bytes) : row_bytes_(row_bytes) {}
  ~TileShape() { asm volatile("tilerelease"); }
  TileShape(const TileShape&) = delete;
  TileShape& operator=(const TileShape&) = delete;

  int64_t row_bytes() const { return row_bytes_; }

  /// Rows of the first and the second tile of A; 0 for a second one that is not used.
  void set_rows(int64_t first, int64_t second) {
    if (first == rows_[0] && second == rows_[1]) return;
    rows_[0] = first, rows_[1] = second;
    Config config;
    for (int i = 0; i < 2; ++i) {
      set(config, kSums + i, first, kTileRowBytes);
      set(config, kSums + 2 + i, second, kTileRowBytes);
      set(config, kB + i, row_bytes_ / 4, kTileRowBytes);
    }
    set(config, kA, first, row_bytes_);
    set(config, kA + 1, second, row_bytes_);
    asm volatile("ldtilecfg %0" ::"m"(config));
  }

 private:
  struct alignas(64) Config {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t row_bytes[16] = {};
    std::uint8_t rows[16] = {};
  };
  static void set(Config& config, int tile, int64_t rows, int64_t bytes) {
    config.rows[tile] = static_cast<std::uint8_t>(rows);
    config.row_bytes[tile] = static_cast<std::uint16_t>(rows == 0 ? 0 : bytes);
  }

  int64_t row_bytes_;
  int64_t rows_[2] = {0, 0};
};

}  // namespace
}  // namespace pangu::kernels
