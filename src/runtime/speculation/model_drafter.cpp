// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/model_drafter.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/common_prefix.h"
#include "base/error.h"
#include "runtime/logprobs.h"

namespace pangu {
namespace {

/// Kinds are tenths of the draft model's own probability of the token.
constexpr int kConfidenceClasses = 10;
constexpr std::array<double, kConfidenceClasses> kPriors = {0.05, 0.15, 0.25, 0.35, 0.45,
                                                            0.55, 0.65, 0.75, 0.85, 0.95};
/// Tokens that a draft model catches up with in one pass.
constexpr std::size_t kCatchUp = 512;

int confidence_class(double probability) {
  return std::min(static_cast<int>(probability * kConfidenceClasses), kConfidenceClasses - 1);
}

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

/// What both kinds of models have in common: passes that give each draft one more token.
class PassDrafter : public Drafter {
 public:
  PassDrafter(const Model& model, Context& ctx, std::int64_t layers)
      : model_(model), ctx_(ctx), layers_(layers) {}

  bool runs_model() const override { return true; }
  std::span<const double> priors() const override { return kPriors; }

  void propose(std::span<DraftRequest> requests) override {
    std::vector<Growing> growing;
    std::vector<Growing> all;
    try {
      for (DraftRequest& r : requests) {
        if (r.max_tokens < 1) continue;
        auto& sequence = static_cast<ModelSequence&>(r.sequence);
        if (const auto id = begin(r, sequence)) all.push_back({&r, &sequence, *id});
      }
      growing = all;
      while (!growing.empty()) grow(growing);
    } catch (...) {
      for (const Growing& g : all) end(g, false);
      throw;
    }
    for (const Growing& g : all) end(g, true);
  }

 protected:
  virtual KvCache& cache() = 0;
  /// A sequence that has everything but the last token, or nothing where the cache is full.
  virtual std::optional<SequenceId> begin(const DraftRequest& request, ModelSequence& sequence) = 0;
  /// Takes back what drafting changed; after a failed pass, what the cache holds cannot be trusted.
  virtual void end(const Growing& g, bool done) = 0;

  Tensor forward(const Batch& batch) {
    return model_.decoder->forward(batch, cache().storage(), ctx_, layers_);
  }

  const Model& model_;
  Context& ctx_;

 private:
  /// One pass; leaves those in `growing` whose next token is worth asking for.
  void grow(std::vector<Growing>& growing) {
    Batch batch;
    std::erase_if(growing, [&](const Growing& g) { return !cache().has_room(g.id, 1); });
    for (const Growing& g : growing) {
      const TokenId last = g.sequence->history.tokens().back();
      cache().append(g.id, std::span(&last, 1), Logits::kLast, batch);
    }
    if (growing.empty()) return;
    const Tensor logits = forward(batch);
    std::vector<Growing> next;
    for (std::size_t i = 0; i < growing.size(); ++i) {
      const float* row =
          logits.data<float>() + static_cast<std::int64_t>(i) * model_.config().vocab_size;
      if (push(growing[i], {row, static_cast<std::size_t>(model_.known_ids())})) {
        next.push_back(growing[i]);
      }
    }
    growing = std::move(next);
  }

  /// Takes the draft's next token; returns whether it should go on.
  bool push(Growing& g, std::span<const float> logits) {
    ModelSequence& s = *g.sequence;
    const TokenId token = s.sampler.sample(logits, s.history, scratch_);
    const double probability =
        std::exp(logits[static_cast<std::size_t>(token)] - log_sum_exp(logits));
    const int kind = confidence_class(probability);
    const double chance = g.request->acceptance.chance(kind);
    Draft& draft = g.request->draft;
    // One that is not worth checking is kept, too: what comes will show how good it was.
    g.last = draft.add(g.last, token, kind, chance);
    s.history.push(token);
    return draft.chance(g.last) >= g.request->min_chance &&
           static_cast<int>(draft.size()) < g.request->max_tokens;
  }

  std::int64_t layers_;
  SamplerScratch scratch_;
};

/// A sequence of the draft model's own cache.
class CachedSequence final : public ModelSequence {
 public:
  CachedSequence(std::span<const TokenId> prompt, const Sampler& target, KvCache& cache)
      : ModelSequence(prompt, target), cache_(cache), id_(cache.create()) {}
  ~CachedSequence() override { cache_.release(id_); }
  CachedSequence(const CachedSequence&) = delete;
  CachedSequence& operator=(const CachedSequence&) = delete;

  void extend(std::span<const TokenId> tokens) override {
    const std::size_t size = history.size();
    if (cached_.size() > size) {
      cut(size + static_cast<std::size_t>(common_prefix(tokens, std::span(cached_).subspan(size))));
    }
    ModelSequence::extend(tokens);
  }

  SequenceId id() const { return id_; }
  std::size_t cached() const { return cached_.size(); }
  void add(std::span<const TokenId> tokens) {
    cached_.insert(cached_.end(), tokens.begin(), tokens.end());
  }
  void cut(std::size_t size) {
    cached_.resize(std::min(size, cached_.size()));
    cache_.truncate(id_, static_cast<std::int64_t>(cached_.size()));
  }

 private:
  KvCache& cache_;
  SequenceId id_;
  std::vector<TokenId> cached_;  ///< tokens of the sequence whose keys the cache holds
};

class SmallModelDrafter final : public PassDrafter {
 public:
  SmallModelDrafter(const Model& draft, Context& ctx, std::int64_t positions, KvFormat kv)
      : PassDrafter(draft, ctx, draft.config().n_layers),
        cache_(draft.decoder->kv_shape(kv), positions, ctx.shared_device()) {}

  std::string_view name() const override { return "draft"; }
  std::unique_ptr<DraftSequence> open(std::span<const TokenId> prompt,
                                      const Sampler& sampler) override {
    return std::make_unique<CachedSequence>(prompt, sampler, cache_);
  }
  void prepare(DraftSequence& sequence) override {
    catch_up(static_cast<CachedSequence&>(sequence));
  }

 protected:
  KvCache& cache() override { return cache_; }

  std::optional<SequenceId> begin(const DraftRequest&, ModelSequence& base) override {
    auto& s = static_cast<CachedSequence&>(base);
    return catch_up(s) ? std::optional(s.id()) : std::nullopt;
  }

  void end(const Growing& g, bool done) override {
    auto& s = static_cast<CachedSequence&>(*g.sequence);
    const std::size_t certain = s.history.size() - g.request->draft.size();
    if (done) {  // the keys of the drafted tokens stay: most of them will turn out to be right
      const auto held = static_cast<std::size_t>(cache_.length(s.id()));
      s.add(s.history.tokens().subspan(s.cached(), held - s.cached()));
    } else {
      s.cut(s.cached());
    }
    s.history.truncate(certain);
  }

 private:
  /// Runs all tokens but the last through the model; false if the cache has no room for them.
  bool catch_up(CachedSequence& s) {
    const std::size_t wanted = s.history.size() - 1;
    s.cut(wanted);
    while (s.cached() < wanted) {
      const auto piece =
          s.history.tokens().subspan(s.cached(), std::min(kCatchUp, wanted - s.cached()));
      if (!cache_.has_room(s.id(), std::ssize(piece))) return false;
      Batch batch;
      cache_.append(s.id(), piece, Logits::kNone, batch);
      try {
        forward(batch);
      } catch (...) {
        s.cut(s.cached());
        throw;
      }
      s.add(piece);
    }
    return true;
  }

  KvCache cache_;
};

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

std::unique_ptr<Drafter> make_model_drafter(const Model& draft, Context& ctx,
                                            std::int64_t positions, KvFormat kv) {
  return std::make_unique<SmallModelDrafter>(draft, ctx, positions, kv);
}

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

void check_draft_vocabulary(const Model& draft, const Model& target) {
  const auto refuse = [&](const std::string& what) {
    fail<ConfigError>(
        "[speculation] {} cannot draft for {}: {}. A draft model with the same tokenizer was "
        "expected.",
        draft.path.string(), target.path.string(), what);
  };
  if (draft.known_ids() != target.known_ids()) {
    refuse(fmt::format("it knows {} tokens, the target {}", draft.known_ids(), target.known_ids()));
  }
  if (!draft.tokenizer || !target.tokenizer) return;
  for (TokenId id = 0; id < target.known_ids(); ++id) {
    const std::string &a = draft.tokenizer->piece(id), &b = target.tokenizer->piece(id);
    if (a != b) refuse(fmt::format("its token {} is '{}', the target's is '{}'", id, a, b));
  }
}

}  // namespace pangu
