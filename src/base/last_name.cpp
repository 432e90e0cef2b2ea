// SPDX-License-Identifier: Apache-2.0
#include "base/last_name.h"

#include <system_error>

#include "base/utf8.h"

namespace pangu {

std::string last_name(const std::filesystem::path& path) {
  std::error_code no_folder;
  const auto whole = std::filesystem::absolute(path / ".", no_folder);
  const auto named = (no_folder ? path / "." : whole).lexically_normal().parent_path();
  return utf8::sanitized(named.filename().string());
}

}  // namespace pangu
