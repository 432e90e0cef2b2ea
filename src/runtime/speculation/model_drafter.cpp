// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/model_drafter.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/common_prefix.h"
#include "base/error.h"
#include "runtime/cache/prefix_cache.h"
#include "runtime/speculation/pass_drafter.h"

namespace pangu {
namespace {

/// Tokens that a draft model catches up with in one pass, and how many it leaves to the first pass
/// that guesses.
constexpr std::size_t kCatchUp = 512, kLeft = 4;

/// The draft model's cache. It keeps sequences that are over: the next one often begins with one of
/// them, as the turns of a chat do.
class DraftCache {
 public:
  DraftCache(const KvShape& shape, std::int64_t positions, std::shared_ptr<Device> device)
      : kv_(shape, positions, std::move(device)), prefixes_(kv_, KeepPrefixes::kYes) {}

  KvCache& kv() { return kv_; }

  /// An entry whose tokens are those that the cache holds, and no others.
  PrefixCache::Entry& open(std::span<const TokenId> prompt) {
    const PrefixCache::Match match = prefixes_.find(prompt);
    return prefixes_.open(prompt.first(static_cast<std::size_t>(match.tokens)), match);
  }
  void close(PrefixCache::Entry& held) { prefixes_.close(held); }
  bool has_room(SequenceId id, std::int64_t n) {
    while (!kv_.has_room(id, n)) {
      if (!prefixes_.drop_oldest()) return false;
    }
    return true;
  }

 private:
  KvCache kv_;
  PrefixCache prefixes_;
};

class CachedSequence final : public ModelSequence {
 public:
  CachedSequence(std::span<const TokenId> prompt, const Sampler& target, DraftCache& cache)
      : ModelSequence(prompt, target), cache_(cache), held_(cache.open(prompt)) {}
  ~CachedSequence() override { cache_.close(held_); }
  CachedSequence(const CachedSequence&) = delete;
  CachedSequence& operator=(const CachedSequence&) = delete;

  void extend(std::span<const TokenId> tokens) override {
    const std::size_t size = history.size();
    if (cached() > size) {
      cut(size +
          static_cast<std::size_t>(common_prefix(tokens, std::span(held_.tokens).subspan(size))));
    }
    ModelSequence::extend(tokens);
  }

  std::int64_t behind() const override {
    const std::size_t certain = history.size() - 1;
    return cached() + kLeft < certain ? static_cast<std::int64_t>(certain - cached()) : 0;
  }

  SequenceId id() const { return held_.sequence; }
  std::size_t cached() const { return held_.tokens.size(); }
  void add(std::span<const TokenId> tokens) {
    held_.tokens.insert(held_.tokens.end(), tokens.begin(), tokens.end());
  }
  void cut(std::size_t size) {
    held_.tokens.resize(std::min(size, cached()));
    cache_.kv().truncate(id(), static_cast<std::int64_t>(cached()));
  }

 private:
  DraftCache& cache_;
  PrefixCache::Entry& held_;
};

class SmallModelDrafter final : public PassDrafter {
 public:
  SmallModelDrafter(const Model& draft, Context& ctx, std::int64_t positions, KvFormat kv)
      : PassDrafter(draft, ctx, draft.config().n_layers),
        cache_(draft.network->kv_shape(kv), positions, ctx.shared_device()) {}

  std::string_view name() const override { return "draft"; }
  std::unique_ptr<DraftSequence> open(std::span<const TokenId> prompt,
                                      const Sampler& sampler) override {
    return std::make_unique<CachedSequence>(prompt, sampler, cache_);
  }
  void prepare(DraftSequence& sequence) override {
    catch_up(static_cast<CachedSequence&>(sequence));
  }

 protected:
  KvCache& cache() override { return cache_.kv(); }
  bool has_room(SequenceId id, std::int64_t n) override { return cache_.has_room(id, n); }

  std::optional<SequenceId> begin(const DraftRequest&, ModelSequence& base) override {
    auto& s = static_cast<CachedSequence&>(base);
    return catch_up(s) ? std::optional(s.id()) : std::nullopt;
  }

  void end(const Growing& g, bool done) override {
    auto& s = static_cast<CachedSequence&>(*g.sequence);
    const std::size_t certain = s.history.size() - g.request->draft.size();
    if (done) {  // the keys of the drafted tokens stay: most of them will turn out to be right
      const auto held = static_cast<std::size_t>(cache_.kv().length(s.id()));
      s.add(s.history.tokens().subspan(s.cached(), held - s.cached()));
    } else {
      s.cut(s.cached());
    }
    s.history.truncate(certain);
  }

 private:
  /// Runs what the sequence is behind through the model; false if the cache has no room for it.
  bool catch_up(CachedSequence& s) {
    const std::size_t wanted = s.history.size() - 1;
    s.cut(wanted);
    while (s.behind() > 0) {
      const auto piece =
          s.history.tokens().subspan(s.cached(), std::min(kCatchUp, wanted - s.cached()));
      if (!has_room(s.id(), std::ssize(piece))) return false;
      Batch batch;
      cache_.kv().append(s.id(), piece, Logits::kNone, batch);
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

  DraftCache cache_;
};

}  // namespace

std::unique_ptr<Drafter> make_model_drafter(const Model& draft, Context& ctx,
                                            std::int64_t positions, KvFormat kv) {
  return std::make_unique<SmallModelDrafter>(draft, ctx, positions, kv);
}

void check_draft_vocabulary(const Vocabulary& draft, const Vocabulary& target) {
  const auto difference = vocabulary_difference(draft, "the draft", target, "the target");
  if (!difference) return;
  fail<ConfigError>(
      "[speculation] {} cannot draft for {}: {}. A draft model with the same tokenizer was "
      "expected.",
      draft.model.string(), target.model.string(), *difference);
}

}  // namespace pangu
