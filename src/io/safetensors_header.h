// SPDX-License-Identifier: Apache-2.0
// The JSON header of a safetensors file, as written in it: not yet checked against the data.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "io/safetensors.h"

namespace pangu {

/// The format's own limit on the header, which keeps a damaged length from costing memory.
inline constexpr std::uint64_t kMaxSafetensorsHeaderBytes = 100'000'000;

/// More axes than any checkpoint has; keeps a shape small.
inline constexpr std::size_t kMaxSafetensorsRank = 64;

struct SafetensorsRecord {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;  ///< first byte of the data, counted from the end of the header
  std::uint64_t end = 0;    ///< one past the last
};

struct SafetensorsHeader {
  std::vector<SafetensorsRecord> records;
  SafetensorsMetadata metadata;
};

/// Parses the header's text without building a JSON tree, so that a hostile one costs little more
/// than its own size. Throws FileError or Unsupported naming `file` and the tensor.
SafetensorsHeader parse_safetensors_header(std::string_view text, std::string_view file);

}  // namespace pangu
