// SPDX-License-Identifier: Apache-2.0
// Splits a GGUF file into parts, as llama.cpp's gguf-split does, for tests that read them.
#pragma once

#include <filesystem>
#include <vector>

#include "io/gguf_file.h"
#include "io/gguf_parts.h"
#include "io/gguf_write.h"

namespace pangu::test {

/// Writes the parts of `file` into `folder` as MODEL-00001-of-0000N.gguf and so on; the first one
/// has the metadata. Returns their paths.
inline std::vector<std::filesystem::path> split_gguf(const std::filesystem::path& file,
                                                     const std::filesystem::path& folder,
                                                     const std::string& model, std::int64_t count) {
  const GgufFile whole(file);
  const std::int64_t n = std::ssize(whole.tensors());
  std::vector<std::filesystem::path> parts;
  for (std::int64_t part = 0; part < count; ++part) {
    GgufKeys keys;
    if (part == 0) {
      for (const std::string_view key : whole.metadata().keys()) keys.copy(whole.metadata(), key);
    }
    keys.put_u32("split.no", static_cast<std::uint32_t>(part));
    keys.put_u32("split.count", static_cast<std::uint32_t>(count));
    keys.put_i32("split.tensors.count", static_cast<std::int32_t>(n));
    std::vector<GgufEntry> entries;
    for (std::int64_t i = part * n / count; i < (part + 1) * n / count; ++i) {
      const GgufTensor& t = whole.tensors()[static_cast<std::size_t>(i)];
      entries.push_back(
          {.name = std::string(t.name), .dims = t.dims, .type = t.type->id, .data = t.data});
    }
    parts.push_back(folder /
                    GgufPartName{.model = model, .no = part, .count = count}.file_name(part));
    write_gguf(parts.back(), keys, entries);
  }
  return parts;
}

}  // namespace pangu::test
