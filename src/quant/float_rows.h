// SPDX-License-Identifier: Apache-2.0
// Rows of float elements as files hold them. Files do not promise alignment.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/error.h"
#include "quant/weight_format.h"
#include "tensor/dtype.h"

namespace pangu {

/// One stored element at any address.
template <class T>
T load_unaligned(const std::byte* data, int64_t index) {
  T value;
  std::memcpy(&value, data + static_cast<std::size_t>(index) * sizeof(T), sizeof(T));
  return value;
}

template <class T>
void store_unaligned(std::byte* data, int64_t index, T value) {
  std::memcpy(data + static_cast<std::size_t>(index) * sizeof(T), &value, sizeof(T));
}

/// Calls `visit.template operator()<T>()` with the storage type of a float dtype.
template <class Visit>
void visit_float(DType dtype, Visit&& visit) {
  switch (dtype) {
    case DType::kF32:
      return visit.template operator()<float>();
    case DType::kF16:
      return visit.template operator()<f16>();
    case DType::kBF16:
      return visit.template operator()<bf16>();
    default:
      fail<Unsupported>("[weights] elements of type {} hold no weights; f32, f16 and bf16 do.",
                        name(dtype));
  }
}

/// `n` elements of `data` as f32.
inline void load_as_f32(const std::byte* data, DType dtype, int64_t n, float* out) {
  visit_float(dtype, [&]<class T>() {
    for (int64_t i = 0; i < n; ++i) out[i] = to_f32(load_unaligned<T>(data, i));
  });
}

/// The bits of an f16 as a number.
inline float f16_bits_to_f32(std::uint16_t bits) {
  return to_f32(f16{bits});
}

/// Whether no element is infinite or NaN.
inline bool all_finite(const float* x, int64_t n) {
  std::uint32_t worst = 0;
  for (int64_t i = 0; i < n; ++i) {
    worst = std::max(worst, std::bit_cast<std::uint32_t>(x[i]) & 0x7FFFFFFFu);
  }
  return worst < 0x7F800000u;
}

/// The largest magnitude.
inline float max_magnitude(const float* x, int64_t n) {
  float max = 0.0f;
  for (int64_t i = 0; i < n; ++i) max = std::max(max, std::fabs(x[i]));
  return max;
}

/// Goes over the inputs of a panel some at a time with all of its rows, so that what is written
/// stays in the first-level cache and every row is read once: calls `piece(lane, begin, end)`.
template <class Piece>
void for_row_pieces(std::size_t rows, int64_t k, int64_t piece_inputs, Piece&& piece) {
  for (int64_t begin = 0; begin < k; begin += piece_inputs) {
    const int64_t end = std::min(begin + piece_inputs, k);
    for (std::size_t lane = 0; lane < rows; ++lane) {
      piece(static_cast<int64_t>(lane), begin, end);
    }
  }
}

/// Encode and decode of formats that store each weight on its own as a T.
template <class T>
void encode_floats(const float* w, int64_t k, const StoredRowOut& out) {
  for (int64_t i = 0; i < k; ++i) store_unaligned(out.data, i, from_f32<T>(w[i]));
}
template <class T>
void decode_floats(const StoredRow& row, int64_t k, float* out) {
  for (int64_t i = 0; i < k; ++i) out[i] = to_f32(load_unaligned<T>(row.data, i));
}

}  // namespace pangu
