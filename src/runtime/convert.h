// SPDX-License-Identifier: Apache-2.0
// A model from one form to another: Hugging Face folder to GGUF file, back, or one GGUF file to
// another. Weights pass through a few rows at a time.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/thread_pool.h"
#include "models/weights/weight_plan.h"

namespace pangu {

enum class ConvertTarget { kGguf, kHuggingFace };

struct ConvertOptions {
  ConvertTarget target = ConvertTarget::kGguf;
  /// Of the matrices. What is left open keeps the form it is stored in; GGUF blocks are decoded to
  /// bf16 for a folder, which has no blocks that other programs read.
  WeightFormats formats;
  std::string command;  ///< what README.md of a folder says it was made with; may be empty
  ProgressFn progress;  ///< called with weights done; may be empty, may throw
};

struct ConvertedTensor {
  std::string name;  ///< in the new model
  std::vector<std::int64_t> shape;
  std::string from = {}, to = {};  ///< formats; `from` is empty for a tensor that was made up
  std::int64_t bytes_in = 0, bytes_out = 0;
  double relative_error = 0;  ///< |W' - W| / |W|; 0 for vectors
};

struct ConvertReport {
  std::vector<ConvertedTensor> tensors;
  std::int64_t bytes_in = 0, bytes_out = 0;  ///< of all tensors
  std::int64_t parameters_in = 0, parameters_out = 0;
  std::vector<std::string> notes;  ///< what was lost or differs, one sentence each
};

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
