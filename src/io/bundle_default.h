// SPDX-License-Identifier: Apache-2.0
// Bundles: folders with a bundle.json and several variants of one model. What only knows models is
// given the variant that the bundle names for that.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace pangu {

inline constexpr std::string_view kBundleFile = "bundle.json";

/// The folder of the default variant; nothing for a folder that is no bundle. Throws FileError or
/// ConfigError for a bundle.json that is damaged or names a folder outside of the bundle.
std::optional<std::filesystem::path> bundle_default(const std::filesystem::path& folder);

/// `name` within `folder`. Throws ConfigError, naming `file`, for an absolute path and one with
/// ".." or a zero byte: a bundle may come from anywhere.
std::filesystem::path path_in_bundle(const std::filesystem::path& folder, std::string_view name,
                                     std::string_view file);

}  // namespace pangu
