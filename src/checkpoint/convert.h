// SPDX-License-Identifier: Apache-2.0
// A model from one form to another: Hugging Face folder to GGUF file, back, or one GGUF file to
// another. Weights pass through a few rows at a time.
#pragma once

#include <filesystem>
#include <string>

#include "base/thread_pool.h"
#include "checkpoint/convert_options.h"

namespace pangu {

/// "gguf" or "hf", else by the name of `out`: *.gguf is a file. Throws ConfigError for other names.
ConvertTarget convert_target(const std::string& to, const std::filesystem::path& out);

/// Writes `out`, which appears complete or not at all. Vectors are f32 in GGUF files, and of the
/// matrices' type in folders where that loses nothing. Throws what the readers and writers do;
/// InputError for a folder to be converted into a folder, and for weights
/// that are infinite or not a number; ConfigError for a format that the target
/// cannot hold.
ConvertReport convert_model(const std::filesystem::path& in, const std::filesystem::path& out,
                            const ConvertOptions& options, ThreadPool& threads);

}  // namespace pangu
