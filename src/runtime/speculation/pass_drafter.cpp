// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/pass_drafter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "runtime/score/logprobs.h"

namespace pangu {
namespace {

/// Kinds are tenths of the draft model's own probability of the token.
constexpr int kConfidenceClasses = 10;
constexpr std::array<double, kConfidenceClasses> kPassPriors = {0.05, 0.15, 0.25, 0.35, 0.45,
                                                                0.55, 0.65, 0.75, 0.85, 0.95};

int confidence_class(double probability) {
  return std::min(static_cast<int>(probability * kConfidenceClasses), kConfidenceClasses - 1);
}

}  // namespace

std::span<const double> PassDrafter::priors() const {
  return kPassPriors;
}

void PassDrafter::propose(std::span<DraftRequest> requests) {
  std::vector<Growing> growing;
  std::vector<Growing> all;
  try {
    for (DraftRequest& r : requests) {
      if (r.max_tokens < 1) continue;
      auto& sequence = static_cast<ModelSequence&>(r.sequence);
      const auto id = begin(r, sequence);
      if (!id) continue;
      all.push_back({&r, &sequence, *id});
      take_certain(all.back());
      if (wants_more(all.back())) growing.push_back(all.back());
    }
    while (!growing.empty()) grow(growing);
  } catch (...) {
    for (const Growing& g : all) end(g, false);
    throw;
  }
  for (const Growing& g : all) end(g, true);
}

/// Begins with what comes for sure: the first pass reads it.
void PassDrafter::take_certain(Growing& g) {
  for (const TokenId token : g.request->certain) {
    g.last = g.request->draft.add(g.last, token, Draft::kCertain, 1);
    g.sequence->history.push(token);
  }
}

bool PassDrafter::wants_more(const Growing& g) {
  return static_cast<int>(g.request->draft.size()) < g.request->max_tokens;
}

void PassDrafter::grow(std::vector<Growing>& growing) {
  Batch batch;
  std::vector<Growing> running;
  for (const Growing& g : growing) {
    // The last token, and at first a few before it that were not guessed.
    const auto tokens =
        g.sequence->history.tokens().subspan(static_cast<std::size_t>(cache().length(g.id)));
    if (!has_room(g.id, std::ssize(tokens))) continue;
    cache().append(g.id, tokens, Logits::kLast, batch);
    running.push_back(g);
  }
  growing.clear();
  if (running.empty()) return;
  const Tensor logits = forward(batch);
  for (std::size_t i = 0; i < running.size(); ++i) {
    const float* row =
        logits.data<float>() + static_cast<std::int64_t>(i) * model_.config().vocab_size;
    if (push(running[i], {row, static_cast<std::size_t>(model_.known_ids())})) {
      growing.push_back(running[i]);
    }
  }
}

bool PassDrafter::push(Growing& g, std::span<const float> logits) {
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
  return draft.chance(g.last) >= g.request->min_chance && wants_more(g);
}

}  // namespace pangu
