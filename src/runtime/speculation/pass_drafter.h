// SPDX-License-Identifier: Apache-2.0
// Drafting with a model, a pass for each token: what a smaller model and a model's own first layers
// have in common.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ops/host.h"
#include "runtime/model.h"
#include "runtime/speculation/drafter.h"

namespace pangu {

class ModelSequence : public DraftSequence {
 public:
  ModelSequence(std::span<const TokenId> prompt, const Sampler& target)
      : sampler(target), history(target.make_history()) {
    history.append_prompt(prompt);
  }

  void extend(std::span<const TokenId> tokens) override {
    for (const TokenId token : tokens) history.push(token);
  }

  const Sampler& sampler;
  TokenHistory history;  ///< with the tokens of the draft while it is made
};

/// A draft in the making.
struct Growing {
  DraftRequest* request;
  ModelSequence* sequence;
  SequenceId id;  ///< in the cache that drafting runs on
  Draft::Index last = Draft::kRoot;
};

class PassDrafter : public Drafter {
 public:
  /// Drafts with the first `layers` layers.
  PassDrafter(const Model& model, Context& ctx, std::int64_t layers)
      : model_(model), ctx_(ctx), layers_(layers) {}

  bool runs_model() const override { return true; }
  std::span<const double> priors() const override;
  void propose(std::span<DraftRequest> requests) override;

 protected:
  virtual KvCache& cache() = 0;
  /// Whether `n` tokens more fit, if need be in place of what no sequence needs.
  virtual bool has_room(SequenceId id, std::int64_t n) { return cache().has_room(id, n); }
  /// A sequence that has everything but the last few tokens, or nothing where the cache is full.
  virtual std::optional<SequenceId> begin(const DraftRequest& request, ModelSequence& sequence) = 0;
  /// Takes back what drafting changed; after a failed pass, what the cache holds cannot be trusted.
  virtual void end(const Growing& g, bool done) = 0;

  Tensor forward(const Batch& batch) {
    return to_host(model_.network->forward(batch, cache().storage(), ctx_, {.layers = layers_}));
  }

 private:
  static void take_certain(Growing& g);
  static bool wants_more(const Growing& g);
  /// One pass; leaves those in `growing` whose next token is worth asking for.
  void grow(std::vector<Growing>& growing);
  /// Takes the draft's next token; returns whether it should go on.
  bool push(Growing& g, std::span<const float> logits);

  const Model& model_;
  Context& ctx_;
  std::int64_t layers_;
  SamplerScratch scratch_;
};

}  // namespace pangu
