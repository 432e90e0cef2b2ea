// SPDX-License-Identifier: Apache-2.0
#include "io/folder_names.h"

#include <algorithm>
#include <system_error>

#include "base/error.h"
#include "base/file_advice.h"

namespace pangu {

namespace fs = std::filesystem;

std::vector<std::string> folder_names(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  const bool is_absent =
      error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
  if (error && !is_absent) {
    fail<FileError>("[open] {}: cannot list the folder: {}. {}", folder.string(), error.message(),
                    file_advice(error.value()));
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace pangu
