// SPDX-License-Identifier: Apache-2.0
// From logits to the next token: penalties, bias, temperature, top-k, top-p, min-p, draw.
// A sampler is immutable and shared freely; the memory it works in belongs to the calling thread.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/counter_rng.h"
#include "pangu/sampling.h"
#include "runtime/sample/logits_scan.h"
#include "runtime/sample/token_history.h"

namespace pangu {

/// The tokens that may come next. Speculation compares and subtracts these.
struct Distribution {
  struct Candidate {
    TokenId id = 0;
    double probability = 0.0;  ///< above 0
  };

  /// Ascending ids; probabilities sum to 1 up to rounding; never empty after Sampler::process.
  std::vector<Candidate> candidates;

  /// Probability of a token; 0 if it is not a candidate.
  double probability(TokenId id) const;

  /// The token at quantile u of the cumulative distribution, 0 <= u < 1.
  /// throws InputError if there are no candidates.
  TokenId draw(double u) const;
};

/// Working memory of a sampler, up to 7 MB for a vocabulary of 153,376; one for each thread. What
/// it holds between calls changes no result.
struct SamplerScratch {
  struct Weighted {
    double weight = 0.0;  ///< probability over that of the likeliest token
    ScoredToken token;
  };

  std::vector<float> masked;  ///< logits of a reply that a grammar holds (AnswerGrammar)
  std::vector<float> adjusted, block_max, selection;
  std::vector<double> weights, mass;
  std::vector<ScoredToken> top;
  std::vector<Weighted> kept;
  Distribution distribution;
};

class Sampler {
 public:
  /// throws ConfigError if the options are out of range.
  explicit Sampler(const SamplingOptions& options = {});

  const SamplingOptions& options() const { return options_; }

  /// A history that counts what this sampler's penalties look at.
  TokenHistory make_history() const { return TokenHistory(options_.penalty_last_n); }

  /// The distribution of the token after `history`; all of it on one token if temperature is 0.
  /// logits  [vocab], -infinity for tokens that must not occur.
  /// throws  NumericError for NaN, +infinity or only -infinity; ShapeError if logits is empty or
  ///         smaller than an id in the history; ConfigError if penalties are on and the history
  ///         counts another window than penalty_last_n.
  void process(std::span<const float> logits, const TokenHistory& history, SamplerScratch& scratch,
               Distribution& out) const;

  /// The token at position history.size(). The history itself stays unchanged. throws as process.
  TokenId sample(std::span<const float> logits, const TokenHistory& history,
                 SamplerScratch& scratch) const;

 private:
  /// Logits behind penalties and bias: in `copy` if there are any.
  std::span<const float> adjust(std::span<const float> logits, const TokenHistory& history,
                                std::vector<float>& copy) const;
  void penalize(const TokenHistory& history, std::vector<float>& logits) const;
  void keep_from_top_k(std::span<const float> logits, float max, SamplerScratch& scratch) const;
  void keep_from_all(std::span<const float> logits, float max, SamplerScratch& scratch) const;
  void keep_by_min_p(std::span<const float> logits, float max, SamplerScratch& scratch) const;

  SamplingOptions options_;
  double inverse_temperature_ = 1.0;
};

}  // namespace pangu
