// SPDX-License-Identifier: Apache-2.0
// Writing what a cut leaves of a checkpoint, a tensor at a time.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/progress.h"
#include "compress/cut.h"
#include "io/json.h"

namespace pangu::compress {

/// New values of tensors, row-major and in full: before the cut.
using TensorEdits = std::map<std::string, std::vector<float>, std::less<>>;

struct CutSizes {
  std::int64_t parameters_before = 0, parameters_after = 0;
  std::int64_t bytes_before = 0, bytes_after = 0;  ///< of all tensors
};

/// Writes config.json with `pruning_config`, model.safetensors in the dtypes of the original, and
/// the files that belong to tokenizer, generation and licence into the existing folder `out`. What
/// is not edited is copied bit for bit. Throws FileError, ShapeError and Unsupported for an input
/// that cannot be read, InputError for edits that are infinite or not a number.
CutSizes cut_checkpoint(const std::filesystem::path& in, const std::filesystem::path& out,
                        const Cut& cut, const TensorEdits& edits, const Json& pruning_config,
                        const ProgressFn& progress);

}  // namespace pangu::compress
