// SPDX-License-Identifier: Apache-2.0
// The target's first layers with its head: no weights of its own, and the target's cache.
#include "base/error.h"
#include "runtime/speculation/model_drafter.h"
#include "runtime/speculation/pass_drafter.h"

namespace pangu {
namespace {

class SelfDrafter final : public PassDrafter {
 public:
  SelfDrafter(const Model& target, Context& ctx, std::int64_t layers, KvCache& cache)
      : PassDrafter(target, ctx, layers), cache_(cache) {}

  std::string_view name() const override { return "self"; }
  std::unique_ptr<DraftSequence> open(std::span<const TokenId> prompt,
                                      const Sampler& sampler) override {
    return std::make_unique<ModelSequence>(prompt, sampler);
  }

 protected:
  KvCache& cache() override { return cache_; }

  /// A fork has all keys but those of the draft, and the target's sequence stays as it is.
  std::optional<SequenceId> begin(const DraftRequest& r, ModelSequence&) override {
    return cache_.fork(r.target);
  }
  void end(const Growing& g, bool /*done*/) override {
    cache_.release(g.id);
    g.sequence->history.truncate(g.sequence->history.size() - g.request->draft.size());
  }

 private:
  KvCache& cache_;
};

}  // namespace

std::unique_ptr<Drafter> make_self_drafter(const Model& target, Context& ctx, std::int64_t layers,
                                           KvCache& cache) {
  const std::int64_t all = target.config().n_layers;
  if (layers < 1 || layers >= all) {
    fail<ConfigError>(
        "[speculation] a draft of the first {} layers was asked for; the model has {}, so 1 to {} "
        "are possible (--self-layers).",
        layers, all, all - 1);
  }
  return std::make_unique<SelfDrafter>(target, ctx, layers, cache);
}

}  // namespace pangu
