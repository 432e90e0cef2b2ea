// SPDX-License-Identifier: Apache-2.0
// Formats of packed weight matrices, and the one table that lists them.
//
// A matrix [out, in] is packed in panels of 64 outputs, each panel one contiguous run of memory
// with the outputs in the vector lanes: a kernel reads a panel once, front to back, adding one
// input after the other to every output. One row or five hundred, the order of the sums is the
// same, which is what makes results independent of the batch. Outputs past the last are zero.
// The layout is the same for every instruction set, so all of them are tested on the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "pangu/dtype.h"

namespace pangu {

enum class WeightFormat : std::uint8_t { kF32, kF16, kBF16 };

inline constexpr int64_t kPanelRows = 64;

/// One row as it lies in a checkpoint, at any alignment.
struct PanelRow {
  const std::byte* data;
  DType dtype;
};

/// What a format must say of itself.
struct FormatInfo {
  WeightFormat format;
  std::string_view name;
  double bits_per_weight;
  /// Bytes of one panel with `k` inputs.
  std::size_t (*panel_bytes)(int64_t k);
  /// Packs up to 64 rows of `k` elements; converts from the rows' types, rounding to nearest even
  /// where it must.
  void (*pack)(std::span<const PanelRow> rows, int64_t k, std::byte* panel);
  /// The exact values of one output's weights: `out[0..k)`.
  void (*unpack_row)(const std::byte* panel, int64_t lane, int64_t k, float* out);
};

const FormatInfo& format_info(WeightFormat format);

/// Every format, in the order of the enumeration.
std::span<const FormatInfo> weight_formats();

/// The format with this name, if there is one.
std::optional<WeightFormat> parse_weight_format(std::string_view name);

/// The format that holds a checkpoint's elements exactly. Throws Unsupported for types that hold
/// no weights.
WeightFormat exact_format(DType dtype);

}  // namespace pangu
