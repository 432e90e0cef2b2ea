// SPDX-License-Identifier: Apache-2.0
// What lies in a folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace pangu {

/// Names of what lies in a folder, sorted; none where there is no such folder. Throws FileError
/// where the folder is there and cannot be listed: not to know is not the same as to find nothing.
std::vector<std::string> folder_names(const std::filesystem::path& folder);

}  // namespace pangu
