// SPDX-License-Identifier: Apache-2.0
#include "io/locate_model.h"

#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

#include "io/gguf_parts.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// Folders that may hold models, nearest first.
std::vector<fs::path> model_roots() {
  std::vector<fs::path> roots;
  if (const char* set = std::getenv("PANGU_MODELS"); set && *set) roots.emplace_back(set);
  std::error_code error;
  // prefix/bin/pangu, or tree/build/NAME/bin/pangu.
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (int up = 0; up < 4 && folder.has_relative_path(); ++up) {
    folder = folder.parent_path();
    roots.push_back(folder / "share" / "pangu" / "models");
    roots.push_back(folder / "models");
  }
  return roots;
}

bool is_model_folder(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / "config.json", error) || !gguf_models_in(folder).empty();
}

}  // namespace

fs::path find_bundled_model(std::string_view name) {
  // A name is no path: nothing outside the roots can be meant.
  if (name.empty() || name.find('/') != std::string_view::npos || name.starts_with('.')) return {};
  for (const fs::path& root : model_roots()) {
    if (is_model_folder(root / name)) return root / name;
    fs::path file = root / (std::string(name) + ".gguf");
    std::error_code error;
    if (fs::is_regular_file(file, error)) return file;
  }
  return {};
}

fs::path locate_model(const fs::path& given) {
  std::error_code error;
  if (fs::exists(given, error)) return given;
  const fs::path bundled = find_bundled_model(given.string());
  return bundled.empty() ? given : bundled;
}

}  // namespace pangu
