// SPDX-License-Identifier: Apache-2.0
// One conversation on a model: a batch of one, whose cache is kept from call to call.
#pragma once

#include <span>

#include "pangu/generation.h"
#include "pangu/speculation.h"
#include "runtime/generate/batch_generator.h"
#include "runtime/model.h"

namespace pangu {

/// A prompt that continues the last one costs only what is new. Model and context must outlive it;
/// one call at a time.
class Generator {
 public:
  /// Room for `positions` positions of a cache in format `kv`. Throws OutOfMemory if the cache does
  /// not fit the machine, ConfigError if positions is not positive or exceeds the model's sliding
  /// window.
  /// `draft` is the draft model of the speculation options, if they name one, and must outlive it,
  /// too. Throws what Speculation does.
  Generator(const Model& model, Context& ctx, int64_t positions, KvFormat kv,
            const SpeculationOptions& speculation = {.mode = SpeculationMode::kOff},
            const Model* draft = nullptr);

  int64_t positions() const { return positions_; }

  /// As Engine::generate.
  Generation generate(std::span<const TokenId> prompt, const GenerateOptions& options,
                      const TokenCallback& on_token);

 private:
  int64_t positions_;
  BatchGenerator loop_;
};

}  // namespace pangu
