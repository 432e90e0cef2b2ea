// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "models/config/config_limits.h"
#include "pangu/batch.h"
#include "runtime/cache/cache_identity.h"
#include "runtime/engine_impl.h"
#include "runtime/generate/batch_generator.h"

namespace pangu {

struct BatchEngine::Impl {
  Impl(Engine::Impl& engine, const BatchGeneratorOptions& options)
      : generator(engine.model, engine.ctx, options, engine.draft_model()) {}

  static std::optional<PageStoreOptions> store_options(Engine::Impl& engine,
                                                       const BatchOptions& o) {
    if (o.cache_dir.empty()) return std::nullopt;
    return PageStoreOptions{.folder = o.cache_dir,
                            .identity = cache_identity(engine.model, engine.ctx, engine.kv),
                            .max_bytes = o.cache_dir_bytes,
                            .on_failure = o.on_cache_failure};
  }

  BatchGenerator generator;
};

BatchEngine::BatchEngine(Engine& engine, const BatchOptions& o) {
  const std::int64_t context = o.context != 0 ? o.context : engine.context();
  // What is out of range is refused below; here it must not overflow.
  const std::int64_t all =
      std::min(o.max_replies, kMaxPositions) * std::clamp<std::int64_t>(context, 0, kMaxPositions);
  impl_ = std::make_unique<Impl>(
      *engine.impl_,
      BatchGeneratorOptions{.max_replies = o.max_replies,
                            .context = context,
                            .told_context = engine.context(),
                            .cache_positions = std::min(
                                o.cache_positions != 0 ? o.cache_positions : all, kMaxPositions),
                            .kv = engine.impl_->kv,
                            .speculation = engine.impl_->speculation,
                            .keep = o.keep_prefixes ? KeepPrefixes::kYes : KeepPrefixes::kNo,
                            .store = Impl::store_options(*engine.impl_, o)});
}

BatchEngine::BatchEngine(BatchEngine&&) noexcept = default;
BatchEngine& BatchEngine::operator=(BatchEngine&&) noexcept = default;
BatchEngine::~BatchEngine() = default;

std::int64_t BatchEngine::submit(std::span<const TokenId> prompt, const GenerateOptions& options,
                                 TokenCallback on_token) {
  return impl_->generator.submit(prompt, options, std::move(on_token));
}

bool BatchEngine::step() {
  return impl_->generator.step();
}

void BatchEngine::limit_prompt_tokens(std::int64_t n) {
  impl_->generator.limit_prompt_tokens(n);
}

std::vector<BatchReply> BatchEngine::take_finished() {
  return impl_->generator.take_finished();
}

bool BatchEngine::cancel(std::int64_t request) {
  return impl_->generator.cancel(request);
}

std::size_t BatchEngine::waiting() const {
  return impl_->generator.waiting();
}

std::size_t BatchEngine::running() const {
  return impl_->generator.running();
}

BatchStats BatchEngine::stats() const {
  return impl_->generator.stats();
}

}  // namespace pangu
