// SPDX-License-Identifier: Apache-2.0
// The element formats that tensors of GGUF files have, as ggml numbers them. A row is a run of
// blocks; this layer knows their sizes, not their meaning.
#pragma once

#include <cstdint>
#include <string_view>

namespace pangu {

/// Sizes that a tensor may have.
inline constexpr std::uint32_t kMaxGgufRank = 4;

struct GgufTensorType {
  std::uint32_t id;
  std::string_view name;      ///< "f32", "q4_0", ...
  std::uint32_t block;        ///< elements in one block
  std::uint32_t block_bytes;  ///< bytes that one block takes
};

/// The type with this number, or nullptr. 200 is pangu's own: q4_0_64.
const GgufTensorType* find_gguf_tensor_type(std::uint32_t id);

/// The type of a number that is known to be one.
const GgufTensorType& gguf_tensor_type(std::uint32_t id);

}  // namespace pangu
