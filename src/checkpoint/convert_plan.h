// SPDX-License-Identifier: Apache-2.0
// Which tensors a converted model has, in which formats, and where they come from.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "checkpoint/convert_options.h"
#include "checkpoint/encode_matrix.h"
#include "models/model_files.h"
#include "models/schema.h"

namespace pangu {

/// One tensor of the new model.
struct ConvertItem {
  TensorSpec tensor;          ///< under Hugging Face's name
  std::string source;         ///< its name in the old one; empty for a vector of zeros
  WeightFormat from{}, to{};  ///< of a matrix
};

struct ConvertPlan {
  ModelConfig config;  ///< of the new model; formats are not in it
  std::vector<ConvertItem> items;
  WeightFormat layers{};  ///< the format that most weights of the layers have
  std::vector<std::string> notes;

  /// The first float format among the matrices, bf16 if all are quantized.
  DType float_type() const;
};

/// Throws before a byte is written if anything about the input or the formats does not fit.
ConvertPlan plan_conversion(const ModelFiles& model, const ConvertOptions& options);

/// Works through a plan: hands over the bytes of tensors, keeps count, reports progress.
class Converter {
 public:
  Converter(const ModelFiles& model, const ConvertPlan& plan, const ConvertOptions& options,
            ThreadPool& threads);

  /// The rows of a matrix in the new format, in the order `order` (StoredMatrix::order) or, if that
  /// is empty, in that of Hugging Face.
  void matrix(const ConvertItem& item, const std::vector<std::int32_t>& order, const RowSink& sink);
  std::vector<float> vector(const ConvertItem& item);
  /// Notes what was written, under the name that the new model gives it.
  void wrote(const ConvertItem& item, std::string name, std::string type, std::int64_t bytes);

  ConvertReport take_report();

 private:
  /// Type and bytes of a vector in the old model.
  std::pair<std::string, std::int64_t> stored_vector(const ConvertItem& item) const;

  const ModelFiles& model_;
  const ConvertOptions& options_;
  ThreadPool& threads_;
  ConvertReport report_;
  double relative_error_ = 0;  ///< of the last matrix
  std::int64_t done_ = 0, total_ = 0;
};

}  // namespace pangu
