// SPDX-License-Identifier: Apache-2.0
// Who guesses the next tokens. A drafter serves all sequences of a process and keeps apart what it
// knows of each.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "runtime/cache/kv_cache.h"
#include "runtime/sample/sampler.h"
#include "runtime/speculation/acceptance.h"
#include "runtime/speculation/draft.h"
#include "runtime/speculation/token_guide.h"

namespace pangu {

/// What a drafter knows of one sequence.
class DraftSequence {
 public:
  virtual ~DraftSequence() = default;
  /// The sequence grew by these tokens of the reply.
  virtual void extend(std::span<const TokenId> tokens) = 0;
  /// Tokens that Drafter::prepare() would compute.
  virtual std::int64_t behind() const { return 0; }
};

/// One sequence that wants a draft.
struct DraftRequest {
  DraftSequence& sequence;  ///< opened by the drafter that is asked
  const SequenceAcceptance& acceptance;
  SequenceId target;      ///< the sequence in the target's cache, which lacks its last token
  int max_tokens;         ///< nodes of the draft, and depth of the tree
  double min_chance = 0;  ///< nodes less likely than this are not worth their price
  std::span<const TokenId> certain = {};  ///< tokens that come next for sure
  TokenGuide* guide = nullptr;            ///< what else is known of them; null: nothing
  Draft& draft;                           ///< empty; filled by the drafter
};

class Drafter {
 public:
  virtual ~Drafter() = default;

  virtual std::string_view name() const = 0;
  /// Whether drafting runs a model: a price per token that must be earned back. Other drafters may
  /// be asked at every step.
  virtual bool runs_model() const = 0;
  /// The share of right guesses to expect of each kind before anything is known.
  virtual std::span<const double> priors() const = 0;

  /// Knowledge of a sequence that begins with `prompt` and whose further tokens `sampler` chooses.
  /// Drafter and sampler must outlive it.
  virtual std::unique_ptr<DraftSequence> open(std::span<const TokenId> prompt,
                                              const Sampler& sampler) = 0;
  /// Computes what guessing needs of the tokens so far, if that is much; propose() does so too.
  virtual void prepare(DraftSequence& /*sequence*/) {}
  /// Guesses what comes next in each sequence.
  virtual void propose(std::span<DraftRequest> requests) = 0;
  /// Takes note of a finished reply.
  virtual void learn(std::span<const TokenId> /*reply*/) {}
};

/// Classes of match lengths: 1, 2, 3, 4 to 5, 6 to 8, 9 to 15, 16 to 31, longer.
inline constexpr int kLengthClasses = 8;
int length_class(int length);
/// What to expect of a guess after a match of each class.
inline constexpr std::array<double, kLengthClasses> kLengthPriors = {0.25, 0.4,  0.5, 0.6,
                                                                     0.7,  0.75, 0.8, 0.9};

}  // namespace pangu
