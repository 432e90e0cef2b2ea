// SPDX-License-Identifier: Apache-2.0
// Element types of tensors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pangu {

/// Element types that tensors and checkpoints hold. Names follow the safetensors format.
enum class DType : std::uint8_t { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

/// Size of one element in bytes.
std::size_t size_bytes(DType dtype);

/// Lower-case name as the command line and messages spell it: "f32", "bf16", ...
std::string_view name(DType dtype);

}  // namespace pangu
