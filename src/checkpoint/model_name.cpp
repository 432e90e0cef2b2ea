// SPDX-License-Identifier: Apache-2.0
#include "checkpoint/model_name.h"

#include "base/last_name.h"
#include "io/gguf_parts.h"

namespace pangu {

std::string model_name(const std::filesystem::path& path) {
  const std::string file = last_name(path);
  if (const auto part = parse_gguf_part_name(file)) return part->model;
  return file.ends_with(".gguf") ? file.substr(0, file.size() - 5) : file;
}

}  // namespace pangu
