// SPDX-License-Identifier: Apache-2.0
// Where a model's weights come from: a checkpoint, or random numbers of the same shapes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/checkpoint.h"
#include "models/config/config.h"
#include "pangu/dtype.h"
#include "quant/stored_matrix.h"

namespace pangu {

/// Tensors by their checkpoint names. Views stay valid until released.
class WeightSource {
 public:
  virtual ~WeightSource() = default;

  virtual bool has(const std::string& name) const = 0;
  /// A matrix in the form it is stored in. Throws FileError if one of its tensors is missing,
  /// ShapeError if they do not hold [rows, k], Unsupported if they hold no weights; messages name
  /// the file and the tensor.
  virtual StoredMatrix matrix(const std::string& name, int64_t rows, int64_t k) = 0;
  /// A one-dimensional tensor as f32.
  virtual std::vector<float> vector(const std::string& name, int64_t n) = 0;
  /// The matrix has been packed; its memory may go.
  virtual void release(const std::string& name) = 0;
  /// Names of all weights, each quantized matrix once, by the name it would have without
  /// quantization; none if the source makes whatever is asked for.
  virtual std::vector<std::string> names() const = 0;
  /// The file or folder that they are in, for messages.
  virtual std::string place() const { return "the model"; }
};

/// Tensors of a Hugging Face folder, plain or quantized by pangu; int8 weights with bf16 scales are
/// read as w8a16 without a quantization_config too. `checkpoint` must outlive the source. Throws
/// Unsupported for a checkpoint that another program quantized, naming that.
std::unique_ptr<WeightSource> checkpoint_source(
    const Checkpoint& checkpoint, const std::optional<QuantizationConfig>& quantization);

/// Random weights of any shape, normally distributed with a standard deviation of 0.02 (norm
/// weights are 1). All rows are stretches of one small table, so a model of any size is made at
/// once; a row is its neighbour shifted by a few elements.
/// `has` answers whether the architecture has a tensor of that name.
std::unique_ptr<WeightSource> random_source(const ModelConfig& config, DType dtype,
                                            std::uint64_t seed);

}  // namespace pangu
