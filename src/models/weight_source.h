// SPDX-License-Identifier: Apache-2.0
// Where a model's weights come from: a checkpoint, or random numbers of the same shapes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/checkpoint.h"
#include "models/config.h"
#include "pangu/dtype.h"

namespace pangu {

/// A matrix as its source holds it: rows of `k` elements at any alignment.
struct SourceMatrix {
  const std::byte* data = nullptr;
  DType dtype = DType::kF32;
  int64_t row_stride = 0;  ///< elements from row to row

  const std::byte* row(int64_t i) const {
    return data + static_cast<std::size_t>(i * row_stride) * size_bytes(dtype);
  }
};

/// Tensors by their checkpoint names. Views stay valid until released.
class WeightSource {
 public:
  virtual ~WeightSource() = default;

  virtual bool has(const std::string& name) const = 0;
  /// Throws FileError if the tensor is missing, ShapeError if it is not [rows, k], Unsupported if
  /// its elements are no floats; messages name the file and the tensor.
  virtual SourceMatrix matrix(const std::string& name, int64_t rows, int64_t k) = 0;
  /// A one-dimensional tensor as f32.
  virtual std::vector<float> vector(const std::string& name, int64_t n) = 0;
  /// The tensor has been packed; its memory may go.
  virtual void release(const std::string& name) = 0;
  /// Names of all tensors; none if the source makes whatever is asked for.
  virtual std::vector<std::string> names() const = 0;
};

/// Tensors of a Hugging Face folder. `checkpoint` must outlive the source.
std::unique_ptr<WeightSource> checkpoint_source(const Checkpoint& checkpoint);

/// Random weights of any shape, normally distributed with a standard deviation of 0.02 (norm
/// weights are 1). All rows are stretches of one small table, so a model of any size is made at
/// once; a row is its neighbour shifted by a few elements.
/// `has` answers whether the architecture has a tensor of that name.
std::unique_ptr<WeightSource> random_source(const ModelConfig& config, DType dtype,
                                            std::uint64_t seed);

}  // namespace pangu
