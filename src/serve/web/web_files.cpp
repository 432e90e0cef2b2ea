// SPDX-License-Identifier: Apache-2.0
// Looking up a file of the web page by its path.
#include "serve/web/web_files.h"

#include <algorithm>

namespace pangu::serve {

const EmbeddedFile* find_web_file(std::string_view path) noexcept {
  if (path == "/") path = "/index.html";
  const std::span<const EmbeddedFile> files = web_files();
  const auto found = std::lower_bound(
      files.begin(), files.end(), path,
      [](const EmbeddedFile& file, std::string_view wanted) { return file.path < wanted; });
  return found != files.end() && found->path == path ? &*found : nullptr;
}

}  // namespace pangu::serve
