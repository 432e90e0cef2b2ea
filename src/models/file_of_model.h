// SPDX-License-Identifier: Apache-2.0
// Keeps what a command writes apart from the model that it reads.
#pragma once

#include <filesystem>

namespace pangu {

/// Whether `file`, which need not exist, is a file of a model, under whatever name or link: the
/// GGUF file or any part of it, or what lies in the model's folder. `model` is a path or the name
/// of a bundled model; one that does not exist has no files.
bool is_file_of_model(const std::filesystem::path& file, const std::filesystem::path& model);

/// Whether two paths lead to one file, or would if it existed.
bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace pangu
