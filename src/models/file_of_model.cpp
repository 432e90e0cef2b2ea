// SPDX-License-Identifier: Apache-2.0
#include "models/file_of_model.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <system_error>

#include "io/folder_names.h"
#include "io/gguf_parts.h"
#include "io/locate_model.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// The folder that a name stands in, with links resolved.
fs::path folder_around(const fs::path& file) {
  std::error_code error;
  const fs::path parent = fs::absolute(file, error).parent_path();
  return fs::weakly_canonical(parent, error);
}

bool is_in_folder(const fs::path& file, const fs::path& folder) {
  if (is_same_file(folder_around(file), folder)) return true;
  // Caches of downloads fill folders with links to files elsewhere.
  return std::ranges::any_of(folder_names(folder), [&](const std::string& name) {
    return is_same_file(file, folder / name);
  });
}

bool is_part(const fs::path& file, const fs::path& model) {
  if (is_same_file(file, model)) return true;
  const auto name = parse_gguf_part_name(model.filename().string());
  for (std::int64_t part = 0; name && part < name->count; ++part) {
    if (is_same_file(file, model.parent_path() / name->file_name(part))) return true;
  }
  return false;
}

}  // namespace

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code absent;
  if (fs::equivalent(a, b, absent)) return true;
  return folder_around(a) / a.filename() == folder_around(b) / b.filename();
}

bool is_file_of_model(const fs::path& file, const fs::path& model) {
  const fs::path found = locate_model(model);
  std::error_code error;
  return fs::is_directory(found, error) ? is_in_folder(file, found) : is_part(file, found);
}

}  // namespace pangu
