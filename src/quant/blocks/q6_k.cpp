// SPDX-License-Identifier: Apache-2.0
#include "quant/blocks/q6_k.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

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

constexpr int kN = Q6_KBlock::kWeights, kLength = Q6_KBlock::kSubBlock,
              kSubBlocks = Q6_KBlock::kSubBlocks;
/// Sub-blocks, and blocks of scales, smaller than this are zero.
constexpr float kSmallest = 1e-15f;

using SubBlocks = std::array<Lanes, kLength>;

/// Sub-blocks as the search for scales sees them: the weights w, their squares, which are the
/// weights of the squared errors, and their cubes.
struct Problem {
  SubBlocks w, w2, w3;
  Lanes extreme;  ///< the weight of largest magnitude, the first of several
};

/// scale * code, with the grid the codes were rounded on: code = inverse * w.
struct Fit {
  Lanes scale, inverse;
  Lanes quality;  ///< how much of the sum of w^4 it explains
};

Problem make_problem(const float* w) {
  Problem p{.w = load_sub_blocks<kLength>(w)};
  for (std::size_t i = 0; i < kLength; ++i) {
    const Lanes x = p.w[i];
    p.w2[i] = x * x;
    p.w3[i] = p.w2[i] * x;
    p.extreme = magnitude(x) > magnitude(p.extreme) ? x : p.extreme;
  }
  return p;
}

IntLanes is_zero(const Problem& p) {
  return magnitude(p.extreme) < kSmallest;
}

Lanes codes_of(Lanes w, Lanes inverse) {
  return nearest_in(inverse * w, -32.0f, 31.0f);
}

/// Weighted sums over each sub-block with the codes l of one grid.
struct Sums {
  Lanes wl, ll;
};

Sums sums_of(const Problem& p, Lanes inverse) {
  Sums sums{};
  for (std::size_t i = 0; i < kLength; ++i) {
    const Lanes codes = codes_of(p.w[i], inverse);
    sums.wl += p.w3[i] * codes;
    sums.ll += p.w2[i] * codes * codes;
  }
  return sums;
}

/// Tries grids around the one where the extreme weight has code -32; the scale of each is the least
/// squares solution.
Fit best_fit(const Problem& p) {
  Fit best{.inverse = -32.0f / p.extreme};
  const Sums plain = sums_of(p, best.inverse);
  best.scale = plain.ll != 0.0f ? plain.wl / plain.ll : Lanes{};
  best.quality = best.scale * plain.wl;
  for (int t = -9; t <= 9; ++t) {
    if (t == 0) continue;
    const Lanes inverse = -(32.0f + 0.1f * static_cast<float>(t)) / p.extreme;
    const Sums sums = sums_of(p, inverse);
    const Lanes scale = sums.wl / sums.ll;
    const IntLanes better = (sums.ll > 0.0f) & (sums.wl * sums.wl > best.quality * sums.ll);
    best.inverse = better ? inverse : best.inverse;
    best.scale = better ? scale : best.scale;
    best.quality = better ? scale * sums.wl : best.quality;
  }
  best.scale = is_zero(p) ? Lanes{} : best.scale;
  return best;
}

/// What the search found for a whole block. The codes matter where a scale is lost in rounding;
/// those of zero sub-blocks are 0, not 32, as their scale is 0 too.
struct BlockFit {
  float scale[kSubBlocks];
  std::uint8_t codes[kN];
};

BlockFit fit_block(const float* w) {
  BlockFit result;
  for (int first = 0; first < kSubBlocks; first += kLanes) {
    const Problem problem = make_problem(w + first * kLength);
    const Fit fit = best_fit(problem);
    std::memcpy(result.scale + first, &fit.scale, sizeof(Lanes));
    for (int i = 0; i < kLength; ++i) {
      const Lanes codes = codes_of(problem.w[static_cast<std::size_t>(i)], fit.inverse) + 32.0f;
      const Lanes kept = is_zero(problem) ? Lanes{} : codes;
      for (int s = 0; s < kLanes; ++s) {
        result.codes[(first + s) * kLength + i] = static_cast<std::uint8_t>(kept[s]);
      }
    }
  }
  return result;
}

/// Codes that are nearest with the scales as they are stored.
void codes_of_stored_scales(const float* w, const Q6_KBlock& block, std::uint8_t* codes) {
  for (int s = 0; s < kSubBlocks; ++s) {
    const float scale = to_f32(f16{block.d}) * static_cast<float>(block.scales[s]);
    if (scale == 0.0f) continue;
    for (int i = s * kLength; i < (s + 1) * kLength; ++i) {
      const int code = nearest_int(w[i] / scale);
      codes[i] = static_cast<std::uint8_t>(std::min(std::max(code, -32), 31) + 32);
    }
  }
}

void pack_codes(const std::uint8_t* codes, Q6_KBlock& block) {
  for (int half = 0; half < 2; ++half) {
    const std::uint8_t* c = codes + half * 128;
    for (int j = 0; j < 64; ++j) {
      block.low[half * 64 + j] = static_cast<std::uint8_t>((c[j] & 0xF) | (c[j + 64] & 0xF) << 4);
    }
    for (int b = 0; b < 32; ++b) {
      block.high[half * 32 + b] = static_cast<std::uint8_t>(
          c[b] >> 4 | c[b + 32] >> 4 << 2 | c[b + 64] >> 4 << 4 | c[b + 96] >> 4 << 6);
    }
  }
}

void unpack_codes(const Q6_KBlock& block, std::uint8_t* codes) {
  for (int half = 0; half < 2; ++half) {
    for (int a = 0; a < 4; ++a) {
      const std::uint8_t* low = block.low + half * 64 + a % 2 * 32;
      const std::uint8_t* high = block.high + half * 32;
      std::uint8_t* out = codes + half * 128 + a * 32;
      for (int b = 0; b < 32; ++b) {
        out[b] =
            static_cast<std::uint8_t>((low[b] >> a / 2 * 4 & 0xF) | (high[b] >> 2 * a & 3) << 4);
      }
    }
  }
}

Q6_KBlock encode_block(const float* w) {
  BlockFit fit = fit_block(w);
  float extreme = 0.0f;
  for (const float scale : fit.scale) {
    if (std::fabs(scale) > std::fabs(extreme)) extreme = scale;
  }
  Q6_KBlock block{};
  if (std::fabs(extreme) < kSmallest) return block;

  const float inverse = -128.0f / extreme;
  block.d = to_f16(1.0f / inverse).bits;
  for (int s = 0; s < kSubBlocks; ++s) {
    block.scales[s] = static_cast<std::int8_t>(std::min(nearest_int(inverse * fit.scale[s]), 127));
  }
  codes_of_stored_scales(w, block, fit.codes);
  pack_codes(fit.codes, block);
  return block;
}

}  // namespace

void encode_q6_k(const float* w, int64_t k, std::byte* data) {
  for (int64_t i = 0; i < k; i += kN, data += sizeof(Q6_KBlock)) {
    const Q6_KBlock block = encode_block(w + i);
    std::memcpy(data, &block, sizeof(block));
  }
}

void decode_q6_k(const std::byte* data, int64_t k, float* w) {
  for (int64_t i = 0; i < k; i += kN, data += sizeof(Q6_KBlock)) {
    std::uint8_t codes[kN];
    std::int8_t scales[kSubBlocks];
    std::uint16_t d_bits;
    split_q6_k(data, kN, codes, scales, &d_bits);
    const float d = to_f32(f16{d_bits});
    for (int s = 0; s < kSubBlocks; ++s) {
      const float scale = d * static_cast<float>(scales[s]);
      for (int j = s * kLength; j < (s + 1) * kLength; ++j) {
        w[i + j] = scale * static_cast<float>(codes[j] - 32);
      }
    }
  }
}

void split_q6_k(const std::byte* data, int64_t k, std::uint8_t* codes, std::int8_t* sub_scales,
                std::uint16_t* d) {
  for (int64_t i = 0; i < k; i += kN, data += sizeof(Q6_KBlock)) {
    Q6_KBlock block;
    std::memcpy(&block, data, sizeof(block));
    d[i / kN] = block.d;
    std::memcpy(sub_scales + i / kLength, block.scales, kSubBlocks);
    unpack_codes(block, codes + i);
  }
}

}  // namespace pangu
