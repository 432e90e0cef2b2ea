// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/planned_tensor.h"

namespace pangu {

std::vector<PlannedTensor::Part> stored_parts_of(const std::string& name, std::int64_t rows,
                                                 std::int64_t k, WeightFormat format) {
  std::vector<PlannedTensor::Part> parts;
  for (const StoredPart& part : format_info(format).stored_parts()) {
    parts.push_back({.name = name + std::string(part.suffix),
                     .dtype = part.dtype,
                     .shape = {rows, part.columns(k)}});
  }
  return parts;
}

PlannedTensor planned_copy(const TensorView& tensor) {
  return {.parts = {{.name = tensor.name, .dtype = tensor.dtype, .shape = tensor.shape}},
          .produce = [&tensor](const PartSink& sink) { sink(0, tensor.data); }};
}

void write_planned(const std::filesystem::path& file, std::span<const PlannedTensor> tensors) {
  std::vector<SafetensorsEntry> entries;
  for (const PlannedTensor& t : tensors) {
    for (const PlannedTensor::Part& part : t.parts) {
      entries.push_back({.name = part.name, .dtype = part.dtype, .shape = part.shape});
    }
  }
  SafetensorsWriter writer(file, entries, {{"format", "pt"}});
  std::size_t first = 0;
  for (const PlannedTensor& t : tensors) {
    t.produce([&](std::size_t part, std::span<const std::byte> bytes) {
      writer.write(first + part, bytes);
    });
    first += t.parts.size();
  }
  writer.commit();
}

}  // namespace pangu
