// SPDX-License-Identifier: Apache-2.0
// How the codes of quantized weights lie in a panel of `kPanelRows` outputs (or of any other
// multiple of 4 lanes: the pages of a quantized KV cache use the same layouts).
//
//   8 bits  [k / 4][lanes / 4][2][4][2]  two inputs of four outputs, then the next two inputs
//   4 bits  [k / 8][lanes] words: inputs 0, 2, 4, 6 are the nibbles of the lower half, lowest
//           first, inputs 1, 3, 5, 7 those of the upper half
//
// Both are made for dot products of bf16 pairs, where a vector lane holds two consecutive inputs of
// one output: bytes interleaved with the other halves of bf16 numbers within each 128 bits fall
// into such lanes, as do the halves of a word of nibbles that serve as indices into a table.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "quant/weight_format.h"

namespace pangu {

/// Inputs of a panel with codes, padded so that kernels need no tail: padding decodes to zero.
constexpr int64_t padded_inputs(int64_t k, int64_t group) {
  const int64_t unit = group > 32 ? group : 32;
  return (k + unit - 1) / unit * unit;
}

constexpr int64_t byte_code_index(int64_t lane, int64_t i, int64_t lanes) {
  return i / 4 * lanes * 4 + lane / 4 * 16 + i % 4 / 2 * 8 + lane % 4 * 2 + i % 2;
}

/// Byte offset of the word with inputs i / 8 * 8 and the seven after it.
constexpr int64_t nibble_word_offset(int64_t lane, int64_t i, int64_t lanes) {
  return (i / 8 * lanes + lane) * 4;
}

/// Lowest bit of input i in its word.
constexpr int nibble_shift(int64_t i) {
  return static_cast<int>(i % 8 / 2 * 4 + i % 2 * 16);
}

/// Writes `n` codes of one output (a multiple of 4) from the panel's first input on.
inline void put_byte_codes(const std::int8_t* codes, int64_t n, int64_t lane, std::byte* panel) {
  for (int64_t i = 0; i < n; i += 4) {
    std::byte* at = panel + byte_code_index(lane, i, kPanelRows);
    std::memcpy(at, codes + i, 2);
    std::memcpy(at + 8, codes + i + 2, 2);
  }
}

/// Eight 4-bit codes, one per byte in input order, as a panel word.
inline std::uint32_t nibble_word(const std::uint8_t* codes) {
  std::uint64_t x;
  std::memcpy(&x, codes, 8);
  std::uint64_t even = x & 0x000F000F000F000Full, odd = x >> 8 & 0x000F000F000F000Full;
  const auto close_up = [](std::uint64_t v) {
    v = (v | v >> 12) & 0x000000FF000000FFull;
    return static_cast<std::uint32_t>((v | v >> 24) & 0xFFFFu);
  };
  return close_up(even) | close_up(odd) << 16;
}

/// Writes `n` 4-bit codes of one output (a multiple of 8) from the panel's first input on.
inline void put_nibble_codes(const std::uint8_t* codes, int64_t n, int64_t lane, std::byte* panel) {
  for (int64_t i = 0; i < n; i += 8) {
    const std::uint32_t word = nibble_word(codes + i);
    std::memcpy(panel + nibble_word_offset(lane, i, kPanelRows), &word, 4);
  }
}

inline int byte_code(const std::byte* panel, int64_t lane, int64_t i) {
  return static_cast<std::int8_t>(panel[byte_code_index(lane, i, kPanelRows)]);
}

inline int nibble_code(const std::byte* panel, int64_t lane, int64_t i) {
  std::uint32_t word;
  std::memcpy(&word, panel + nibble_word_offset(lane, i, kPanelRows), 4);
  return static_cast<int>(word >> nibble_shift(i) & 0xFu);
}

}  // namespace pangu
