// SPDX-License-Identifier: Apache-2.0
// A model whose weights change: f32 masters with gradients beside the packed form that the
// forward pass reads.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/language_model.h"
#include "models/schema.h"
#include "models/weights/initial_weights.h"
#include "models/weights/weight_source.h"
#include "ops/host.h"
#include "ops/tape.h"

namespace pangu {

/// One parameter.
struct TrainableTensor {
  TensorSpec spec;
  Tensor value, grad;  ///< on the host, f32, contiguous: [rows, k], or [n] of norms and biases
};

class TrainableModel {
 public:
  /// A new model. Biases exist where the config names them. Arithmetic is that of `ctx`: packed
  /// weights are f32 or bf16, as ctx.dtype() says. Throws OutOfMemory.
  TrainableModel(const ModelConfig& config, const InitialWeights& initial, Context& ctx);
  /// A copy of stored weights of any format. Throws as load_language_model() does, and InputError
  /// for any weight that is infinite or not a number.
  TrainableModel(const ModelConfig& config, WeightSource& source, Context& ctx);

  const LanguageModel& model() const { return *model_; }
  /// Every parameter, in an order that depends on the config alone; memory keeps its place.
  std::span<const TrainableTensor> tensors() const { return tensors_; }

  /// Declares every parameter on a tape, whose gradients are added to those of tensors() once
  /// take_gradients() is called.
  void track(Tape& tape) const;
  void take_gradients() const;
  /// Packs the values again; to be called after they changed.
  void repack(Context& ctx);
  /// Writes config.json and model.safetensors, values rounded to `dtype` (f32 or bf16), into an
  /// existing folder. Throws FileError.
  void save(const std::filesystem::path& folder, DType dtype) const;

 private:
  struct Matrix {
    PackedMatrix packed;
    Mirror value, grad;
  };
  struct Vector {
    Mirror value, grad;
  };
  /// Fills a tensor's values.
  using Fill = std::function<void(const TensorSpec&, const Tensor&)>;
  class Builder;

  void build(const ModelConfig& config, const std::vector<TensorSpec>& tensors, const Fill& fill,
             Context& ctx);

  std::vector<TrainableTensor> tensors_;
  std::vector<Matrix> matrices_;
  std::vector<Vector> vectors_;
  std::unique_ptr<LanguageModel> model_;
};

}  // namespace pangu
