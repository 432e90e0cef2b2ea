// SPDX-License-Identifier: Apache-2.0
#include "quant/blocks/q4_k.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "quant/blocks/block_math.h"
#include "quant/blocks/lanes.h"
#include "tensor/dtype.h"

namespace pangu {
namespace {

using blocks::IntLanes;
using blocks::kLanes;
using blocks::Lanes;
using blocks::load_sub_blocks;
using blocks::magnitude;
using blocks::nearest_in;
using blocks::nearest_int;

constexpr int kN = Q4_KBlock::kWeights, kLength = Q4_KBlock::kSubBlock,
              kSubBlocks = Q4_KBlock::kSubBlocks;
constexpr int kTrials = 21;

using SubBlocks = std::array<Lanes, kLength>;

/// Sub-blocks as the search for scales sees them.
struct Problem {
  SubBlocks x, weight;
  Lanes min, max;  ///< range, extended down to contain 0
  Lanes sum_w, sum_wx;
};

/// scale * code + minimum, with the grid the codes were rounded on: code = inverse * (x - origin).
struct Fit {
  Lanes scale, minimum, inverse, origin, error;
};

Problem make_problem(const float* w) {
  Problem p{.x = load_sub_blocks<kLength>(w)};
  Lanes squares{};
  for (const Lanes& x : p.x) squares += x * x;
  Lanes rms = squares / float{kLength};
  for (int s = 0; s < kLanes; ++s) rms[s] = std::sqrt(rms[s]);
  p.max = p.x[0];
  for (std::size_t i = 0; i < kLength; ++i) {
    const Lanes x = p.x[i], weight = rms + magnitude(x);
    p.weight[i] = weight;
    p.min = x < p.min ? x : p.min;
    p.max = x > p.max ? x : p.max;
    p.sum_w += weight;
    p.sum_wx += weight * x;
  }
  return p;
}

/// Codes 0 to 15. A sub-block that is one number up to 0 has an infinite `inverse` and gets
/// code 0.
Lanes codes_of(Lanes x, Lanes inverse, Lanes origin) {
  return nearest_in(inverse * (x - origin), 0.0f, 15.0f);
}

/// Weighted squared error of `fit` with the given codes.
Lanes error_of(const Problem& p, const SubBlocks& codes, const Fit& fit) {
  Lanes error{};
  for (std::size_t i = 0; i < kLength; ++i) {
    const Lanes difference = fit.scale * codes[i] + fit.minimum - p.x[i];
    error += p.weight[i] * (difference * difference);
  }
  return error;
}

/// The grid over the whole range.
Fit plain_fit(const Problem& p) {
  const Lanes inverse = 15.0f / (p.max - p.min);
  Fit fit{.scale = 1.0f / inverse, .minimum = p.min, .inverse = inverse, .origin = p.min};
  SubBlocks codes;
  for (std::size_t i = 0; i < kLength; ++i) codes[i] = codes_of(p.x[i], inverse, p.min);
  fit.error = error_of(p, codes, fit);
  return fit;
}

/// Rounds on a grid of `steps` steps from `origin` to the maximum, then solves for the scale and
/// the minimum (at most 0) that suit the codes best. The error is infinite where they determine
/// none.
Fit refit(const Problem& p, Lanes origin, float steps) {
  Fit fit{.inverse = steps / (p.max - origin), .origin = origin};
  SubBlocks codes;
  Lanes sum_l{}, sum_ll{}, sum_lx{};
  for (std::size_t i = 0; i < kLength; ++i) {
    const Lanes l = codes_of(p.x[i], fit.inverse, origin), wl = p.weight[i] * l;
    codes[i] = l;
    sum_l += wl;
    sum_ll += wl * l;
    sum_lx += wl * p.x[i];
  }
  const Lanes det = p.sum_w * sum_ll - sum_l * sum_l;
  const Lanes scale = (p.sum_w * sum_lx - p.sum_wx * sum_l) / det;
  const Lanes minimum = (sum_ll * p.sum_wx - sum_l * sum_lx) / det;
  fit.scale = minimum > 0.0f ? sum_lx / sum_ll : scale;
  fit.minimum = minimum > 0.0f ? Lanes{} : minimum;
  const Lanes none = Lanes{} + std::numeric_limits<float>::infinity();
  fit.error = det > 0.0f ? error_of(p, codes, fit) : none;
  return fit;
}

Fit best_fit(const Problem& p) {
  Fit best = plain_fit(p);
  for (int t = 0; t < kTrials; ++t) {
    const float steps = -1.0f + 0.1f * static_cast<float>(t) + 15.0f;
    const Fit trial = refit(p, best.minimum, steps);
    const IntLanes better = trial.error < best.error;
    best.scale = better ? trial.scale : best.scale;
    best.minimum = better ? trial.minimum : best.minimum;
    best.inverse = better ? trial.inverse : best.inverse;
    best.origin = better ? trial.origin : best.origin;
    best.error = better ? trial.error : best.error;
  }
  return best;
}

/// What the search found for a whole block. The codes matter where a scale is lost in rounding.
struct BlockFit {
  float scale[kSubBlocks], minus_minimum[kSubBlocks];
  std::uint8_t codes[kN];
};

BlockFit fit_block(const float* w) {
  BlockFit result;
  for (int first = 0; first < kSubBlocks; first += kLanes) {
    const Problem problem = make_problem(w + first * kLength);
    const Fit fit = best_fit(problem);
    const Lanes minus_minimum = -fit.minimum;
    std::memcpy(result.scale + first, &fit.scale, sizeof(Lanes));
    std::memcpy(result.minus_minimum + first, &minus_minimum, sizeof(Lanes));
    for (int i = 0; i < kLength; ++i) {
      const Lanes codes = codes_of(problem.x[static_cast<std::size_t>(i)], fit.inverse, fit.origin);
      for (int s = 0; s < kLanes; ++s) {
        result.codes[(first + s) * kLength + i] = static_cast<std::uint8_t>(codes[s]);
      }
    }
  }
  return result;
}

/// Numbers of 6 bits that are proportional to `values`, and the unit they are multiples of.
struct SixBits {
  std::uint16_t unit;
  std::uint8_t codes[kSubBlocks];
};

SixBits to_six_bits(const float (&values)[kSubBlocks]) {
  float max = 0.0f;
  for (const float v : values) max = v > max ? v : max;
  const float inverse = max > 0.0f ? 63.0f / max : 0.0f;
  SixBits result{to_f16(max / 63.0f).bits, {}};
  for (int s = 0; s < kSubBlocks; ++s) {
    const auto code = static_cast<std::uint8_t>(nearest_int(inverse * values[s]));
    result.codes[s] = std::min<std::uint8_t>(code, 63);
  }
  return result;
}

/// Four 6-bit numbers in one word, each in a byte of its own.
std::uint32_t load_word(const std::uint8_t* bytes) {
  std::uint32_t word;
  std::memcpy(&word, bytes, 4);
  return word;
}

void store_word(std::uint32_t word, std::uint8_t* bytes) {
  std::memcpy(bytes, &word, 4);
}

void pack_scales(const std::uint8_t* scales, const std::uint8_t* minima, std::uint8_t* packed) {
  const std::uint32_t high_scales = load_word(scales + 4), high_minima = load_word(minima + 4);
  store_word(load_word(scales) | (high_scales & 0x30303030u) << 2, packed);
  store_word(load_word(minima) | (high_minima & 0x30303030u) << 2, packed + 4);
  store_word((high_scales & 0x0F0F0F0Fu) | (high_minima & 0x0F0F0F0Fu) << 4, packed + 8);
}

void unpack_scales(const std::uint8_t* packed, std::uint8_t* scales, std::uint8_t* minima) {
  const std::uint32_t row0 = load_word(packed), row1 = load_word(packed + 4),
                      row2 = load_word(packed + 8);
  store_word(row0 & 0x3F3F3F3Fu, scales);
  store_word(row1 & 0x3F3F3F3Fu, minima);
  store_word((row2 & 0x0F0F0F0Fu) | (row0 >> 2 & 0x30303030u), scales + 4);
  store_word((row2 >> 4 & 0x0F0F0F0Fu) | (row1 >> 2 & 0x30303030u), minima + 4);
}

/// Codes that are nearest with the scales as they are stored.
void codes_of_stored_scales(const float* w, const SixBits& scales, const SixBits& minima,
                            std::uint8_t* codes) {
  for (int s = 0; s < kSubBlocks; ++s) {
    const float scale = to_f32(f16{scales.unit}) * static_cast<float>(scales.codes[s]);
    if (scale == 0.0f) continue;
    const float minimum = to_f32(f16{minima.unit}) * static_cast<float>(minima.codes[s]);
    for (int i = s * kLength; i < (s + 1) * kLength; ++i) {
      const int code = nearest_int((w[i] + minimum) / scale);
      codes[i] = static_cast<std::uint8_t>(std::min(std::max(code, 0), 15));
    }
  }
}

Q4_KBlock encode_block(const float* w) {
  BlockFit fit = fit_block(w);
  const SixBits scales = to_six_bits(fit.scale), minima = to_six_bits(fit.minus_minimum);
  std::uint8_t* codes = fit.codes;
  codes_of_stored_scales(w, scales, minima, codes);

  Q4_KBlock block;
  block.d = scales.unit;
  block.dmin = minima.unit;
  pack_scales(scales.codes, minima.codes, block.scales);
  for (int pair = 0; pair < kN / 64; ++pair) {
    for (int j = 0; j < 32; ++j) {
      block.codes[pair * 32 + j] =
          static_cast<std::uint8_t>(codes[pair * 64 + j] | codes[pair * 64 + 32 + j] << 4);
    }
  }
  return block;
}

void split_block(const Q4_KBlock& block, std::uint8_t* codes, std::uint8_t* sub_scales,
                 std::uint8_t* sub_mins) {
  unpack_scales(block.scales, sub_scales, sub_mins);
  for (int pair = 0; pair < kN / 64; ++pair) {
    const std::uint8_t* packed = block.codes + pair * 32;
    for (int j = 0; j < 32; ++j) codes[pair * 64 + j] = packed[j] & 0xF;
    for (int j = 0; j < 32; ++j) codes[pair * 64 + 32 + j] = packed[j] >> 4;
  }
}

}  // namespace

void encode_q4_k(const float* w, int64_t k, std::byte* data) {
  for (int64_t i = 0; i < k; i += kN, data += sizeof(Q4_KBlock)) {
    const Q4_KBlock block = encode_block(w + i);
    std::memcpy(data, &block, sizeof(block));
  }
}

void decode_q4_k(const std::byte* data, int64_t k, float* w) {
  for (int64_t i = 0; i < k; i += kN, data += sizeof(Q4_KBlock)) {
    std::uint8_t codes[kN], scales[kSubBlocks], minima[kSubBlocks];
    std::uint16_t d_bits, dmin_bits;
    split_q4_k(data, kN, codes, scales, minima, &d_bits, &dmin_bits);
    const float d = to_f32(f16{d_bits}), dmin = to_f32(f16{dmin_bits});
    for (int s = 0; s < kSubBlocks; ++s) {
      const float scale = d * static_cast<float>(scales[s]);
      const float minimum = dmin * static_cast<float>(minima[s]);
      for (int j = s * kLength; j < (s + 1) * kLength; ++j) {
        w[i + j] = scale * static_cast<float>(codes[j]) - minimum;
      }
    }
  }
}

void split_q4_k(const std::byte* data, int64_t k, std::uint8_t* codes, std::uint8_t* sub_scales,
                std::uint8_t* sub_mins, std::uint16_t* d, std::uint16_t* dmin) {
  for (int64_t i = 0; i < k; i += kN, data += sizeof(Q4_KBlock)) {
    Q4_KBlock block;
    std::memcpy(&block, data, sizeof(block));
    d[i / kN] = block.d;
    dmin[i / kN] = block.dmin;
    split_block(block, codes + i, sub_scales + i / kLength, sub_mins + i / kLength);
  }
}

}  // namespace pangu
