// SPDX-License-Identifier: Apache-2.0
// What is trained: parameters, a loss over tokens, and its gradients. The trainer knows no more of
// a model than this.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "pangu/dtype.h"
#include "train/parameter.h"
#include "train/token_batch.h"

namespace pangu {

/// One model with its loss. Results may depend on the order of calls only through the parameters:
/// the same parameters and batch give the same bits, whatever the number of threads.
class Objective {
 public:
  virtual ~Objective() = default;

  /// Every trained tensor, in an order that never changes; memory stays where it is.
  virtual std::span<Parameter> parameters() = 0;

  /// Adds `weight` * d(sum of the losses of all rows with a target) / d(parameter) to each grad.
  /// Returns that sum, without the weight: natural logarithms, summed in double.
  /// Throws InputError for ids outside the vocabulary.
  virtual double accumulate(const TokenBatch& batch, double weight) = 0;

  /// The same sum of losses, without gradients.
  virtual double evaluate(const TokenBatch& batch) = 0;

  /// Called after parameters were written from outside: sets those to 0 that are to stay 0, and
  /// repacks copies that were made of them.
  virtual void parameters_changed() {}

  /// Floating-point operations of accumulate(): 6 per weight and token, and attention. Those of a
  /// teacher do not count.
  virtual double flops(const TokenBatch& batch) const = 0;

  /// Ids that batches may hold: 0 ... vocabulary() - 1.
  virtual std::int64_t vocabulary() const = 0;

  /// Writes what other programs load into an existing folder: config.json, generation_config.json
  /// and model.safetensors with the parameters in `dtype` (f32 or bf16, rounded to nearest even).
  virtual void save_model(const std::filesystem::path& folder, DType dtype) = 0;
};

}  // namespace pangu
