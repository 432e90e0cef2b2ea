// SPDX-License-Identifier: Apache-2.0
// The objective of language models: next-token cross-entropy of a decoder, or what a teacher adds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "models/config/config.h"
#include "models/weights/initial_weights.h"
#include "ops/context.h"
#include "train/distiller.h"
#include "train/objective.h"
#include "train/optimizer.h"

namespace pangu {

struct MemoryEstimate {
  std::int64_t parameters = 0;   ///< how many
  std::int64_t weights = 0;      ///< f32 masters
  std::int64_t gradients = 0;    ///< f32
  std::int64_t moments = 0;      ///< two f32 each, or one where Muon trains
  std::int64_t activations = 0;  ///< kept for the backward pass of a micro-batch
  std::int64_t working = 0;      ///< copies of weights for the arithmetic, logits
  std::int64_t teacher = 0;      ///< weights and working memory of the model that is learnt from
  std::int64_t data = 0;         ///< tokens, mapped from a file; 0 before they are read
  std::int64_t total() const {
    return weights + gradients + moments + activations + working + teacher + data;
  }
};

struct DecoderObjectiveOptions {
  ModelConfig config;  ///< of the checkpoint where there is one
  /// Hugging Face folder whose weights are trained on; without it they are drawn from `seed`.
  std::optional<std::filesystem::path> checkpoint;
  std::uint64_t seed = 0;
  Initializer initializer = Initializer::kGpt2;
  double initializer_range = 0.02;  ///< standard deviation of matrices with kGpt2
  bool decay_embeddings = true;     ///< Parameter::decay of the embedding
  bool keep_zeros = false;          ///< weights of matrices that are 0 at first stay 0
  bool recompute_layers = false;    ///< activations of a layer are made again on the way back
  /// In place of cross-entropy, where there is a teacher; must outlive the objective.
  Distiller* distiller = nullptr;
};

struct MemoryUse {
  DType dtype;          ///< of the arithmetic
  std::int64_t tokens;  ///< of the largest micro-batch
  OptimizerOptions::Kind optimizer = OptimizerOptions::Kind::kAdamW;
  bool recompute_layers = false;
};

/// Bytes that training a model of this shape needs, known before anything is allocated.
MemoryEstimate estimate_training_memory(const ModelConfig& config, const MemoryUse& use);

/// Arithmetic runs in ctx.dtype() on ctx.threads(); `ctx` must outlive the objective.
/// Throws Unsupported for a model that has no gradients, and what reading a checkpoint throws.
std::unique_ptr<Objective> make_decoder_objective(const DecoderObjectiveOptions& options,
                                                  Context& ctx);

}  // namespace pangu
