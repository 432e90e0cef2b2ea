// SPDX-License-Identifier: Apache-2.0
// A tensor of a model that is about to be written: what files call it and hold of it, and where its
// bytes come from. Quantizing, converting and cutting a checkpoint are lists of these.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "io/safetensors.h"
#include "pangu/dtype.h"
#include "quant/weight_format.h"

namespace pangu {

/// Takes the next bytes of part number `part`.
using PartSink = std::function<void(std::size_t part, std::span<const std::byte> bytes)>;

struct PlannedTensor {
  struct Part {
    std::string name;
    DType dtype;
    std::vector<std::int64_t> shape;
  };

  std::vector<Part> parts;  ///< one; or codes, scales and zero points
  /// Hands over every byte of every part, those of one part front to back.
  std::function<void(const PartSink& sink)> produce;
};

/// The parts of a matrix [rows, k] in a format, as FormatInfo::stored_parts() names them.
std::vector<PlannedTensor::Part> stored_parts_of(const std::string& name, std::int64_t rows,
                                                 std::int64_t k, WeightFormat format);
/// A tensor as another file holds it, bit for bit; the view must outlive it.
PlannedTensor planned_copy(const TensorView& tensor);

/// Writes model.safetensors or another file of the tensors, in their order. Throws as
/// SafetensorsWriter does, and what `produce` throws.
void write_planned(const std::filesystem::path& file, std::span<const PlannedTensor> tensors);

}  // namespace pangu
