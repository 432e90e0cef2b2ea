// SPDX-License-Identifier: Apache-2.0
// w8a8 with the byte products of I8MM. One row goes with USDOT, which takes weights as they are
// stored, unsigned. More rows go with USMMLA: the products of two outputs with two rows, eight
// inputs each, in one instruction.
#include "kernels/linear/linear_neon_int8.h"

namespace pangu::kernels {
namespace {

PANGU_INLINE uint8x16_t stored_codes(const std::byte* w) {
  return vld1q_u8(reinterpret_cast<const uint8_t*>(w));
}

struct MixedDotMath {
  using V = V128;
  using Code = std::int8_t;
  using Sum = int32x4_t;
  using Weights = uint8x16_t;
  using X = int8x16_t;
  static constexpr int kOffset = kW8A8Offset;
  static const Code* codes(const LinearInput& in) { return static_cast<const Code*>(in.x); }
  PANGU_INLINE static Sum zero() { return vdupq_n_s32(0); }
  PANGU_INLINE static Weights load(const std::byte* w) { return stored_codes(w); }
  PANGU_INLINE static X x_at(const std::int8_t* x) { return four_codes(x); }
  PANGU_INLINE static Sum madd(Sum sum, Weights w, X x) { return vusdotq_s32(sum, w, x); }
  PANGU_INLINE static int32x4_t reduce(Sum sum) { return sum; }
};

/// Tiles of up to kPairs pairs of rows by kVectors vectors of four outputs.
class MatrixTiles {
  static constexpr int kPairs = 3, kVectors = 4;
  static constexpr int64_t kInputs = 8, kStepBytes = kPanelRows * 4;

  /// Sums of outputs 0, 1 and of 2, 3, each with both rows of a pair.
  struct Sum {
    int32x4_t low, high;
  };

 public:
  static void panels(const LinearArgs& a, const LinearInput& in, int64_t first, int64_t last) {
    const int64_t pairs = (a.rows + 1) / 2, tiles = (pairs + kPairs - 1) / kPairs;
    for (int64_t p = first; p < last; ++p) {
      for (int64_t t = 0; t < tiles; ++t) {
        const int64_t pair = pairs * t / tiles, next = pairs * (t + 1) / tiles;
        for (int64_t lane = 0; lane < kPanelRows && p * kPanelRows + lane < a.n_out;
             lane += kVectors * V128::kLanes) {
          some_pairs<kPairs>(a, in, p, lane, 2 * pair, next - pair);
        }
      }
    }
  }

 private:
  template <int P>
  static void some_pairs(const LinearArgs& a, const LinearInput& in, int64_t p, int64_t lane,
                         int64_t row, int64_t n) {
    if constexpr (P >= 1) {
      n == P ? tile<P>(a, in, p, lane, row) : some_pairs<P - 1>(a, in, p, lane, row, n);
    }
  }

  template <int P>
  static void tile(const LinearArgs& a, const LinearInput& in, int64_t p, int64_t lane,
                   int64_t row) {
    const std::byte* panel = a.weight + static_cast<std::size_t>(p) * a.panel_bytes;
    const auto* x = static_cast<const std::int8_t*>(in.x);
    // The second row of a last pair may be missing: its place has the first once more.
    const std::int8_t* rows[2 * P];
    PANGU_UNROLL
    for (int r = 0; r < 2 * P; ++r) {
      rows[r] = x + (row + r < a.rows ? row + r : row + r - 1) * in.stride;
    }
    Sum sum[P][kVectors] = {};
    const std::byte* w = panel + kW8HeaderBytes + lane * 4;
    const int64_t n_in = padded_inputs(a.k, 0);
    for (int64_t i = 0; i < n_in; i += kInputs, w += 2 * kStepBytes) add_step(w, rows, i, sum);
    PANGU_UNROLL
    for (int pair = 0; pair < P; ++pair) {
      PANGU_UNROLL
      for (int b = 0; b < kVectors; ++b) {
        const int64_t at = lane + b * V128::kLanes, r = row + 2 * pair;
        const int32x4_t low = sum[pair][b].low, high = sum[pair][b].high;
        store(a, in, panel, p, at, r, vuzp1q_s32(low, high));
        if (r + 1 < a.rows) store(a, in, panel, p, at, r + 1, vuzp2q_s32(low, high));
      }
    }
  }

  template <int P>
  PANGU_INLINE static void add_step(const std::byte* w, const std::int8_t* const (&rows)[2 * P],
                                    int64_t i, Sum (&sum)[P][kVectors]) {
    int8x16_t x[P];
    PANGU_UNROLL
    for (int pair = 0; pair < P; ++pair) {
      x[pair] = vcombine_s8(vld1_s8(rows[2 * pair] + i), vld1_s8(rows[2 * pair + 1] + i));
    }
    PANGU_UNROLL
    for (int b = 0; b < kVectors; ++b) {
      const uint32x4_t first = vreinterpretq_u32_u8(stored_codes(w + b * 16));
      const uint32x4_t second = vreinterpretq_u32_u8(stored_codes(w + kStepBytes + b * 16));
      const uint8x16_t low = vreinterpretq_u8_u32(vzip1q_u32(first, second));
      const uint8x16_t high = vreinterpretq_u8_u32(vzip2q_u32(first, second));
      PANGU_UNROLL
      for (int pair = 0; pair < P; ++pair) {
        Sum& s = sum[pair][b];
        s = {vusmmlaq_s32(s.low, low, x[pair]), vusmmlaq_s32(s.high, high, x[pair])};
      }
    }
  }

  PANGU_INLINE static void store(const LinearArgs& a, const LinearInput& in, const std::byte* panel,
                                 int64_t p, int64_t at, int64_t row, int32x4_t sum) {
    const auto scale = V128::mul(V128::load(reinterpret_cast<const float*>(panel) + at),
                                 V128::set1(in.scales[row]));
    const int32x4_t offset = vdupq_n_s32(in.code_sums[row] * kW8A8Offset);
    const float32x4_t value = vcvtq_f32_s32(vsubq_s32(sum, offset));
    store_sums<V128>(a, row, p * kPanelRows + at, V128::mul(value, scale), true);
  }
};

constexpr IntTiling kOneRow{.sums = 16, .rows = 1, .together = 2};

void w8a8(const LinearArgs& args, const LinearInput& in, int64_t first, int64_t last) {
  args.rows == 1 ? W8A8Linear<MixedDotMath, kOneRow>::panels(args, in, first, last)
                 : MatrixTiles::panels(args, in, first, last);
}

constexpr LinearVariants make_table() {
  LinearVariants t{};
  add_w8a8_kernels(t, &w8a8);
  return t;
}

}  // namespace

constinit const LinearVariants kLinearNeonI8mm = make_table();

}  // namespace pangu::kernels
