// SPDX-License-Identifier: Apache-2.0
// Formats of weight matrices, and the one table that lists them.
//
// A matrix [out, in] has two forms. The stored form is what files hold: rows, each a run of bytes
// in one to three tensors (codes, scales, zero points). The packed form is what kernels read:
// panels of 64 outputs, each panel one contiguous run of memory with the outputs in the vector
// lanes, so that a kernel reads it once, front to back, adding one input after the other to every
// output. One row of activations or five hundred, the order of the sums is the same, which is what
// makes results independent of the batch. Outputs past the last are zero. The layout is the same
// for every instruction set, so all of them are tested on the same bytes.
//
// Both forms give exactly the same numbers back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pangu/dtype.h"

namespace pangu {

enum class WeightFormat : std::uint8_t {
  kF32,
  kF16,
  kBF16,
  kW8A16,
  kW8A8,
  kW4A16G32,
  kW4A16G64,
  kW4A16G128,
  kW4A16G32Asym,
  kW4A16G64Asym,
  kW4A16G128Asym,
  kW4A8G32,
  kW4A8G64,
  kW4A8G128,
  kQ8_0,
  kQ4_0,
  kQ4_0_64,
  kQ4_K,
  kQ6_K
};
inline constexpr std::size_t kWeightFormats = static_cast<std::size_t>(WeightFormat::kQ6_K) + 1;

inline constexpr int64_t kPanelRows = 64;

/// One tensor of the stored form: codes, scales or zero points.
struct StoredPart {
  std::string_view suffix;  ///< added to the tensor's name: "", "_scale", "_zero"
  DType dtype;
  int64_t (*columns)(int64_t k);  ///< elements per row for k inputs
};

/// One row in stored form, at any alignment. Parts that a format lacks are null.
struct StoredRow {
  WeightFormat format;
  const std::byte* data;
  const std::byte* scales = nullptr;
  const std::byte* zeros = nullptr;
};

/// Where to write one row in stored form.
struct StoredRowOut {
  std::byte* data;
  std::byte* scales = nullptr;
  std::byte* zeros = nullptr;
};

/// The values that the weights of one group can have: scale * (code - zero) for codes from lowest
/// to highest.
struct CodeGrid {
  float scale;  ///< as it is stored
  int zero;
  int lowest, highest;

  float value(int code) const { return scale * static_cast<float>(code - zero); }
};

/// How a device packs a format: into panels of 64 outputs that its kernels read.
struct PanelLayout {
  /// Bytes of one panel with `k` inputs.
  std::size_t (*panel_bytes)(int64_t k);
  /// Packs up to 64 stored rows of the format.
  void (*pack)(std::span<const StoredRow> rows, int64_t k, std::byte* panel);
  /// The exact values of one output's weights in a panel: `out[0..k)`.
  void (*unpack_row)(const std::byte* panel, int64_t lane, int64_t k, float* out);
};

/// What a format must say of itself. Whoever needs to know something of a format asks here; there
/// is no switch over formats outside quant/.
struct FormatInfo {
  WeightFormat format;
  std::string_view name;
  std::string_view summary;         ///< one line for people
  std::array<StoredPart, 3> parts;  ///< the first has always a dtype; `columns` ends the list
  bool is_float = false;
  int64_t block = 1;  ///< k must be a multiple of this
  int64_t group = 0;  ///< inputs that share a scale; 0: the whole row does, or there is none
  std::optional<std::uint32_t> gguf_type;  ///< number of the type in GGUF files
  /// general.file_type of GGUF files whose layers have this format.
  std::optional<std::uint32_t> gguf_file_type;
  std::optional<WeightFormat> stored_as;  ///< the format whose stored form this one shares
  /// What embedding and output head get beside layers of this format, if not the same.
  std::optional<WeightFormat> head_format;

  /// Stored form of a row of finite numbers; rounds as the format's source says.
  void (*encode)(const float* w, int64_t k, const StoredRowOut& out);
  /// The values that encode() gives a group to choose from, for `n` weights of one group; null
  /// where blocks are encoded as a whole. Methods that choose codes themselves (GPTQ) ask for it.
  CodeGrid (*grid)(const float* w, int64_t n) = nullptr;
  /// The code that encode() gives a weight on its group's grid; null where `grid` is.
  int (*round)(float w, const CodeGrid& grid) = nullptr;
  /// The exact values of a stored row of this format: `out[0..k)`.
  void (*decode)(const StoredRow& row, int64_t k, float* out);
  /// The packed form that the kernels of the CPU read, of every instruction set.
  PanelLayout cpu;

  std::span<const StoredPart> stored_parts() const;
  /// Bytes of one stored row, all parts together.
  std::size_t row_bytes(int64_t k) const;
  /// Stored bits for each weight of rows of `k` inputs, scales included.
  double bits_per_weight(int64_t k) const;
};

const FormatInfo& format_info(WeightFormat format);
inline std::string_view name(WeightFormat format) {
  return format_info(format).name;
}

/// Every format, in the order of the enumeration.
std::span<const FormatInfo> weight_formats();

/// The format with this name, in any case of its letters, if there is one.
std::optional<WeightFormat> parse_weight_format(std::string_view name);

/// The format with this name. Throws ConfigError listing the known ones.
WeightFormat require_weight_format(std::string_view name);

/// The format of a GGUF tensor type, if pangu has it.
std::optional<WeightFormat> weight_format_of_gguf(std::uint32_t type);

/// The format that holds a checkpoint's elements exactly. Throws Unsupported for types that hold
/// no weights.
WeightFormat exact_format(DType dtype);

/// Throws ShapeError if `k` is no multiple of the format's block; `what` names the tensor.
void require_block(const FormatInfo& format, int64_t k, std::string_view what);

}  // namespace pangu
