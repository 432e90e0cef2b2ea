// SPDX-License-Identifier: Apache-2.0
// The objective of language models: next-token cross-entropy of a decoder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "models/config.h"
#include "ops/context.h"
#include "train/objective.h"

namespace pangu {

struct DecoderObjectiveOptions {
  ModelConfig config;  ///< of the checkpoint where there is one
  /// Hugging Face folder whose weights are trained on; without it they are drawn from `seed`.
  std::optional<std::filesystem::path> checkpoint;
  std::uint64_t seed = 0;
  double initializer_range = 0.02;  ///< standard deviation of drawn matrices
  bool decay_embeddings = true;     ///< Parameter::decay of embed_tokens
};

/// Arithmetic runs in ctx.dtype() on ctx.threads(); `ctx` must outlive the objective.
/// Throws Unsupported for a model that has no gradients, and what reading a checkpoint throws.
std::unique_ptr<Objective> make_decoder_objective(const DecoderObjectiveOptions& options,
                                                  Context& ctx);

}  // namespace pangu
