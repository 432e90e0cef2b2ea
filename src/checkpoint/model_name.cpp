// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/model_name.h"

#include <system_error>

#include "io/gguf_parts.h"

namespace pangu {

std::string model_name(const std::filesystem::path& path) {
  std::error_code ignored;
  const auto whole = std::filesystem::absolute(path, ignored).lexically_normal();
  const auto named = whole.has_filename() ? whole : whole.parent_path();
  const std::string file = named.filename().string();
  if (const auto part = parse_gguf_part_name(file)) return part->model;
  return named.extension() == ".gguf" ? named.stem().string() : file;
}

}  // namespace pangu
