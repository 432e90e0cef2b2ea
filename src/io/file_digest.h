// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace pangu {

/// 64 bits that tell the content of a file from any other by accident, as 16 hexadecimal digits
/// (ContentHash of base/hash.h). Throws FileError for one that cannot be read.
std::string file_digest(const std::filesystem::path& file);

/// The same over all "*.safetensors" of a folder, by their names.
std::string weights_digest(const std::filesystem::path& folder);

}  // namespace pangu
