// SPDX-License-Identifier: Apache-2.0
#include "train/decoder_objective.h"

#include "base/error.h"

namespace pangu {

MemoryEstimate estimate_training_memory(const ModelConfig& config, DType dtype,
                                        std::int64_t tokens) {
  constexpr std::int64_t kFloat = sizeof(float);
  MemoryEstimate e;
  e.parameters = parameter_count(config).total();
  e.weights = e.gradients = kFloat * e.parameters;
  e.moments = 2 * kFloat * e.parameters;
  // What the backward pass of a layer reads: its input, both normalized inputs, the residual
  // between; q, k, v and what attention gave; gate, up and their product.
  std::int64_t per_token = 0;
  for (const std::int64_t f : config.intermediate_size) {
    per_token += 4 * config.hidden_size + 2 * config.n_heads * config.head_dim +
                 2 * config.n_kv_heads * config.head_dim + 3 * f;
  }
  e.activations = kFloat * tokens * per_token;
  e.working = static_cast<std::int64_t>(size_bytes(dtype)) * e.parameters +
              2 * kFloat * tokens * config.vocab_size;
  return e;
}

std::unique_ptr<Objective> make_decoder_objective(const DecoderObjectiveOptions& options,
                                                  Context& /*ctx*/) {
  fail<Unsupported>(
      "[train] {} has no gradients in this build. A build with training of decoders was expected.",
      options.config.architecture);
}

}  // namespace pangu
