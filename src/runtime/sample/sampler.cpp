// SPDX-License-Identifier: Apache-2.0
// Every filter keeps the tokens above some cut in the ranking by logit, so none needs a sorted
// vocabulary: find the cut, then collect what lies above it in the order of the ids. All arithmetic
// is plain double in a fixed order, so a seed gives the same tokens on every machine that computes
// the same logits.
#include "runtime/sample/sampler.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/portable_math.h"
#include "ops/exp_weights.h"
#include "runtime/sample/nucleus.h"

namespace pangu {
namespace {

using Weighted = SamplerScratch::Weighted;

constexpr float kMasked = -std::numeric_limits<float>::infinity();

double weight_of(float logit, float max, double inverse_temperature) {
  return exp_nonpositive((static_cast<double>(logit) - static_cast<double>(max)) *
                         inverse_temperature);
}

void check_history(const TokenHistory& history, int window) {
  if (history.window() == window) return;
  fail<ConfigError>(
      "[sampling] the history counts the last {} tokens, but penalty_last_n is {} "
      "(-1 is all). Both must be equal. Use Sampler::make_history.",
      history.window(), window);
}

// What is masked stays so, and damage is found later.
bool is_finite(float logit) {
  return logit > kMasked && logit < -kMasked;
}

// An infinite penalized logit would be taken for a damaged or a masked one.
float to_finite_float(double value) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  return static_cast<float>(std::clamp(value, -kLargest, kLargest));
}

// Weights to probabilities. The kept tokens are in the order of their ids.
void normalize(const std::vector<Weighted>& kept, Distribution& out) {
  double sum = 0.0;
  for (const Weighted& w : kept) sum += w.weight;
  out.candidates.resize(kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    out.candidates[i] = {kept[i].token.id, kept[i].weight / sum};
  }
}

}  // namespace

double Distribution::probability(TokenId id) const {
  const auto at =
      std::lower_bound(candidates.begin(), candidates.end(), id,
                       [](const Candidate& c, TokenId wanted) { return c.id < wanted; });
  return at != candidates.end() && at->id == id ? at->probability : 0.0;
}

TokenId Distribution::draw(double u) const {
  if (candidates.empty()) {
    fail<InputError>(
        "[sampling] the distribution has no candidates. At least one was expected. "
        "Fill it with Sampler::process first.");
  }
  double sum = 0.0;
  for (const Candidate& c : candidates) {
    sum += c.probability;
    if (u < sum) return c.id;
  }
  return candidates.back().id;  // rounding left the sum just below 1
}

Sampler::Sampler(const SamplingOptions& options) : options_(options) {
  options_.validate();
  if (options_.temperature > 0.0f) inverse_temperature_ = 1.0 / options_.temperature;
}

std::span<const float> Sampler::adjust(std::span<const float> logits, const TokenHistory& history,
                                       std::vector<float>& copy) const {
  if (!options_.has_penalties() && options_.logit_bias.empty()) return logits;
  copy.assign(logits.begin(), logits.end());
  if (options_.has_penalties()) penalize(history, copy);
  for (const auto& [id, bias] : options_.logit_bias) {
    if (static_cast<std::size_t>(id) >= copy.size()) continue;  // a draft model may know fewer
    float& logit = copy[static_cast<std::size_t>(id)];
    if (is_finite(logit)) logit = to_finite_float(static_cast<double>(logit) + bias);
  }
  return copy;
}

void Sampler::penalize(const TokenHistory& history, std::vector<float>& logits) const {
  check_history(history, options_.penalty_last_n);
  for (const auto& [id, counts] : history.counts()) {
    if (static_cast<std::size_t>(id) >= logits.size()) {
      fail<ShapeError>(
          "[sampling] the history has token {}, but there are {} logits. One logit for "
          "each token of the vocabulary was expected. Are prompt and logits from the "
          "same model?",
          id, logits.size());
    }
    float& logit = logits[static_cast<std::size_t>(id)];
    if (!is_finite(logit)) continue;
    double value = logit;
    value = value > 0.0 ? value / options_.repetition_penalty : value * options_.repetition_penalty;
    value -= static_cast<double>(options_.frequency_penalty) * counts.generated;
    if (counts.generated > 0) value -= options_.presence_penalty;
    logit = to_finite_float(value);
  }
}

void Sampler::process(std::span<const float> logits, const TokenHistory& history,
                      SamplerScratch& scratch, Distribution& out) const {
  const std::span<const float> scores = adjust(logits, history, scratch.adjusted);
  if (options_.temperature == 0.0f) {
    out.candidates.assign(1, {argmax(scores), 1.0});
    return;
  }
  const float max = scan_blocks(scores, scratch.block_max);
  if (options_.top_k > 0 && static_cast<std::size_t>(options_.top_k) < scores.size()) {
    keep_from_top_k(scores, max, scratch);
  } else if (options_.top_p == 1.0f && options_.min_p > 0.0f) {
    keep_by_min_p(scores, max, scratch);
  } else {
    keep_from_all(scores, max, scratch);
  }
  normalize(scratch.kept, out);
}

TokenId Sampler::sample(std::span<const float> logits, const TokenHistory& history,
                        SamplerScratch& scratch) const {
  if (options_.temperature == 0.0f) return argmax(adjust(logits, history, scratch.adjusted));
  process(logits, history, scratch, scratch.distribution);
  return scratch.distribution.draw(uniform(options_.seed, history.size(), RandomStream::kToken));
}

// top_k, then top_p and min_p among what it kept.
void Sampler::keep_from_top_k(std::span<const float> logits, float max,
                              SamplerScratch& scratch) const {
  collect_top(logits, scratch.block_max, static_cast<std::size_t>(options_.top_k),
              scratch.selection, scratch.top);
  const auto has_lower_id = [](const auto& a, const auto& b) { return a.token.id < b.token.id; };
  std::vector<Weighted>& kept = scratch.kept;
  kept.clear();
  for (const ScoredToken& token : scratch.top) {
    const double weight = weight_of(token.logit, max, inverse_temperature_);
    if (weight > 0.0) kept.push_back({weight, token});
  }
  std::sort(kept.begin(), kept.end(), has_lower_id);
  if (options_.top_p < 1.0f) {
    double total = 0.0;
    for (const Weighted& w : kept) total += w.weight;
    const ScoredToken last = nucleus_end(kept, static_cast<double>(options_.top_p) * total);
    std::erase_if(kept, [&](const Weighted& w) { return ranks_before(last, w.token); });
    std::sort(kept.begin(), kept.end(), has_lower_id);
  }
  std::erase_if(kept,
                [&](const Weighted& w) { return w.weight < static_cast<double>(options_.min_p); });
}

// Without top_k: all tokens, or those of the nucleus, that min_p lets pass.
void Sampler::keep_from_all(std::span<const float> logits, float max,
                            SamplerScratch& scratch) const {
  scratch.weights.resize(logits.size());
  const double total = exp_weights(logits, max, inverse_temperature_, scratch.weights.data());
  ScoredToken last{kMasked, std::numeric_limits<TokenId>::max()};
  if (options_.top_p < 1.0f) {
    last = nucleus_end(logits, max, inverse_temperature_, scratch.weights,
                       static_cast<double>(options_.top_p) * total, scratch);
  }
  std::vector<Weighted>& kept = scratch.kept;
  kept.clear();
  for (std::size_t block = 0; block < scratch.block_max.size(); ++block) {
    if (scratch.block_max[block] < last.logit) continue;
    const std::size_t end = std::min(logits.size(), (block + 1) * kScanBlock);
    for (std::size_t i = block * kScanBlock; i < end; ++i) {
      const ScoredToken token{logits[i], static_cast<TokenId>(i)};
      const double weight = scratch.weights[i];
      if (weight > 0.0 && weight >= static_cast<double>(options_.min_p) &&
          !ranks_before(last, token)) {
        kept.push_back({weight, token});
      }
    }
  }
}

// min_p alone needs no sum over the vocabulary: it compares with the largest weight, which is 1.
void Sampler::keep_by_min_p(std::span<const float> logits, float max,
                            SamplerScratch& scratch) const {
  // The slack only lets a block be looked at; the exact test is made for each token.
  constexpr double kSlack = 1e-6;
  const double lowest = log_positive(options_.min_p) - kSlack;
  std::vector<Weighted>& kept = scratch.kept;
  kept.clear();
  for (std::size_t block = 0; block < scratch.block_max.size(); ++block) {
    const double best = scratch.block_max[block];
    if ((best - static_cast<double>(max)) * inverse_temperature_ < lowest) continue;
    const std::size_t end = std::min(logits.size(), (block + 1) * kScanBlock);
    for (std::size_t i = block * kScanBlock; i < end; ++i) {
      const double weight = weight_of(logits[i], max, inverse_temperature_);
      if (weight >= static_cast<double>(options_.min_p)) {
        kept.push_back({weight, {logits[i], static_cast<TokenId>(i)}});
      }
    }
  }
}

}  // namespace pangu
