// SPDX-License-Identifier: Apache-2.0
#include "io/locate_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include "base/clipped.h"
#include "base/nearest_name.h"
#include "io/bundle_default.h"
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

/// Names under which models are found, sorted.
std::set<std::string> bundled_model_names() {
  std::set<std::string> names;
  for (const fs::path& root : model_roots()) {
    std::error_code error;
    for (fs::directory_iterator at(root, error), end; at != end; at.increment(error)) {
      const fs::path name = at->path().filename();
      if (is_model_folder(at->path())) names.insert(name.string());
      if (name.extension() == ".gguf") names.insert(name.stem().string());
    }
  }
  return names;
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
  if (fs::exists(given, error)) return bundle_default(given).value_or(given);
  const fs::path bundled = find_bundled_model(given.string());
  return bundled.empty() ? given : bundled;
}

std::string bundled_models_hint(const fs::path& given) {
  if (given.has_parent_path()) return "";
  const std::set<std::string> names = bundled_model_names();
  if (names.empty()) return "";
  const std::vector<std::string_view> views(names.begin(), names.end());
  return fmt::format("{} Bundled models: {}.", did_you_mean(given.string(), views),
                     clipped(fmt::format("{}", fmt::join(views, ", ")), 200));
}

}  // namespace pangu
