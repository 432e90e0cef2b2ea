// SPDX-License-Identifier: Apache-2.0
#include "eval/reference.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "eval/position_divergence.h"

namespace pangu::eval {

std::int64_t ReferenceText::positions() const {
  std::int64_t n = 0;
  for (const ScoredText& p : passages) n += std::ssize(p.ids) - p.from;
  return n;
}

PassageList::PassageList(std::span<const ReferenceText> texts) {
  for (const ReferenceText& text : texts) {
    for (const ScoredText& passage : text.passages) {
      groups.push_back({passage});
      first.push_back(positions);
      positions += std::ssize(passage.ids) - passage.from;
    }
  }
}

Reference::Reference(const Model& model, Context& ctx, std::vector<ReferenceText> texts,
                     const ReferenceOptions& options, const ReferenceHooks& hooks)
    : tokens_(model.vocabulary()), texts_(std::move(texts)) {
  std::int64_t total = 0;
  for (const ReferenceText& text : texts_) {
    first_.push_back(total);
    const std::int64_t n = text.positions();
    if (n < 1) {
      fail<InputError>(
          "[kl] the text of line {} has no token to compare. One token or more were expected.",
          text.info.line);
    }
    total += n;
    for (const ScoredText& p : text.passages) context_ = std::max(context_, std::ssize(p.ids) - 1);
  }
  if (total < 1) {
    fail<InputError>("[kl] there is no text to compare. One or more were expected.");
  }
  store_ = std::make_unique<RowStore>(total, tokens_.size, options.limits);
  record(model, ctx, options, hooks);
  store_->finish();
}

void Reference::record(const Model& model, Context& ctx, const ReferenceOptions& options,
                       const ReferenceHooks& hooks) {
  const PassageList list(texts_);
  Scorer scorer(
      model, ctx,
      {.context = context_, .cache_positions = options.cache_positions, .kv = options.kv});
  std::int64_t done = 0;
  const auto take = [&](const PassLogits& pass) {
    ctx.threads().parallel_for(std::ssize(pass.asked), 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const PassLogits::Asked& asked = pass.asked[static_cast<std::size_t>(i)];
        const auto logits = pass.row(asked.row).first(static_cast<std::size_t>(tokens_.size));
        require_finite(logits, tokens_.model.string());
        store_->write(list.position(asked), logits);
      }
    });
    done += std::ssize(pass.asked);
  };
  scorer.visit(list.groups, take, [&] {
    if (hooks.cancel.stop_requested()) throw Cancelled("[kl] stopped");
    if (hooks.progress) hooks.progress(done, list.positions);
  });
  stats_ = scorer.stats();
}

void Reference::check_vocabulary(const Model& model) const {
  check_same_tokens(model.vocabulary(), tokens_);
}

void check_same_tokens(const Vocabulary& model, const Vocabulary& reference) {
  const auto difference = vocabulary_difference(model, "the model", reference, "the reference");
  if (!difference) return;
  fail<ConfigError>(
      "[kl] {} cannot be compared with {}: {}. A model with the same tokenizer was expected.",
      model.model.string(), reference.model.string(), *difference);
}

}  // namespace pangu::eval
