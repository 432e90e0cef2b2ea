// SPDX-License-Identifier: Apache-2.0
// Names of files and folders in texts that others read, which whole paths of a machine do not
// concern.
#pragma once

#include <filesystem>
#include <string>

namespace pangu {

/// The last name of a path, which may end in a slash or be relative to the working folder, as valid
/// UTF-8: a name may hold any bytes, and files in JSON, Markdown or GGUF may not.
std::string last_name(const std::filesystem::path& path);

}  // namespace pangu
