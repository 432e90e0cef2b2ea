// SPDX-License-Identifier: Apache-2.0
// Reads rows of checkpoint elements as f32. Checkpoints do not promise alignment.
#pragma once

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

/// Goes over the rows of a panel a cache line or two of each at a time, so that the panel is
/// written in order and every row is read once: calls
/// `piece.template operator()<S>(lane, row, begin, end)` with the row's storage type.
template <class Piece>
void for_row_pieces(std::span<const PanelRow> rows, int64_t k, Piece&& piece) {
  constexpr int64_t kPiece = 32;
  for (int64_t begin = 0; begin < k; begin += kPiece) {
    const int64_t end = begin + kPiece < k ? begin + kPiece : k;
    for (std::size_t lane = 0; lane < rows.size(); ++lane) {
      visit_float(rows[lane].dtype, [&]<class S>() {
        piece.template operator()<S>(static_cast<int64_t>(lane), rows[lane].data, begin, end);
      });
    }
  }
}

}  // namespace pangu
