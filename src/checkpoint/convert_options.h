// SPDX-License-Identifier: Apache-2.0
// What a conversion is to do, and what it did.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"
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

}  // namespace pangu
