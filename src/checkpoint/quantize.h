// SPDX-License-Identifier: Apache-2.0
// Writing a checkpoint anew with its weight matrices in other formats, a few rows at a time.
//
// The new folder has model.safetensors with the tensors that FormatInfo::stored_parts() names for
// each matrix, [rows, columns]; every other tensor bit for bit; config.json with all keys of the
// old one and quantization_config (models/config/quantization_config.h); the files that belong to
// the tokenizer, to generation and to the license; and README.md, which says how it was made.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/thread_pool.h"
#include "checkpoint/encode_matrix.h"
#include "models/weights/weight_plan.h"

namespace pangu {

struct QuantizeOptions {
  WeightFormats formats;  ///< `layers` must be given
  std::string command;    ///< what README.md says the folder was made with; may be empty
  ProgressFn progress;    ///< called with weights done; may be empty, may throw
};

struct QuantizedTensor {
  std::string name;
  int64_t rows = 0, k = 0;
  WeightFormat asked{}, from{}, to{};  ///< `to` is not `asked` where rows do not divide into blocks
  int64_t bytes_in = 0, bytes_out = 0;  ///< all parts; 0 in for a head made of a tied embedding
  QuantizationError error;
};

struct QuantizeReport {
  std::vector<QuantizedTensor> tensors;
  int64_t bytes_in = 0, bytes_out = 0;  ///< of all tensors, those without change too
  int64_t parameters_in = 0, parameters_out = 0;
  bool untied = false;           ///< embedding and head were one matrix, and are two formats now
  std::string head_remark = {};  ///< where config.json and the stored head disagree

  /// |W' - W| / |W| over all matrices.
  double relative_error() const;
  /// What the user should know, one sentence each.
  std::vector<std::string> notes() const;
};

/// Writes the folder `out`, which appears complete or not at all; `model` is a folder or the name
/// of a bundled model. Throws FileError, ConfigError,
/// ShapeError and Unsupported for an input that cannot be read, FileError if `out` exists and is no
/// empty folder, InputError naming tensor and row for weights that are no finite numbers.
QuantizeReport quantize_checkpoint(const std::filesystem::path& model,
                                   const std::filesystem::path& out, const QuantizeOptions& options,
                                   ThreadPool& threads);

/// README.md of a quantized folder.
std::string quantized_model_card(const std::filesystem::path& in, const QuantizeOptions& options,
                                 const QuantizeReport& report);

}  // namespace pangu
