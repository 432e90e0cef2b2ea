// SPDX-License-Identifier: Apache-2.0
#include "io/bundle_default.h"

#include <algorithm>
#include <string>
#include <system_error>

#include "base/clipped.h"
#include "base/error.h"
#include "io/json.h"

namespace pangu {

std::filesystem::path path_in_bundle(const std::filesystem::path& folder, std::string_view name,
                                     std::string_view file) {
  const std::filesystem::path path(name);
  const bool leaves = std::any_of(path.begin(), path.end(),
                                  [](const auto& part) { return part == ".." || part == "."; });
  // The system would take the name for what stands before a zero.
  const bool is_cut = name.find('\0') != std::string_view::npos;
  if (path.empty() || path.is_absolute() || leaves || is_cut) {
    fail<ConfigError>(
        "[bundle] {} names '{}'. A path within the bundle was expected. Make the bundle anew with "
        "pangu optimize.",
        file, clipped(name));
  }
  return folder / path;
}

std::optional<std::filesystem::path> bundle_default(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kBundleFile;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) return std::nullopt;
  const Json json = read_json(file);
  const JsonObject bundle(file.string(), json,
                          {.advice = "Make the bundle anew with pangu optimize.",
                           .advice_for_missing = "Make the bundle anew with pangu optimize."});
  const std::string& name = bundle.get_string("default");
  const JsonObject weights = bundle.get_object("weights").get_object(name);
  return path_in_bundle(folder, weights.get_string("folder"), file.string());
}

}  // namespace pangu
