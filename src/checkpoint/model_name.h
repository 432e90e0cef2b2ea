// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace pangu {

/// The name of a folder or file, without .gguf and the number of a part, for people.
std::string model_name(const std::filesystem::path& path);

}  // namespace pangu
