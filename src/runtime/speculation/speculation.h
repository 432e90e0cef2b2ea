// SPDX-License-Identifier: Apache-2.0
// Decides before each pass what to check in it, and learns from what came.
//
// Every node of a draft has a chance to come. With n nodes a pass over R + n rows is expected to
// give B + sum of chances tokens, B being the sequences that decode; passes over more rows take
// longer, by how much is measured (PassCost). The n likeliest nodes are taken for which
//     (B + chances of n nodes) / seconds(R + n rows)
// is largest, if that beats n = 0. The more sequences decode, and the more rows of prompts are
// computed beside them, the sooner a row more costs what it brings. That replies wait for their
// turn changes nothing: tokens per second over all is what they wait for. Drafters that cost
// nothing are asked at every step, so that their shares of right guesses are known even while they
// are not trusted. A draft model has a price per token; where it is not expected to earn it, it is
// tried again at growing intervals.
//
// Tokens that a grammar leaves no choice of (TokenGuide) are no guesses. They come for sure and
// would each take a row of a later pass, so they are in every draft, with speculation or without.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "pangu/speculation.h"
#include "runtime/model.h"
#include "runtime/speculation/drafter.h"
#include "runtime/speculation/ledger.h"
#include "runtime/speculation/pass_cost.h"
#include "runtime/speculation/row_choice.h"

namespace pangu {

class Speculation {
 public:
  class Sequence;

  /// One sequence that is to decode in the next pass.
  struct Turn {
    Sequence* sequence;
    SequenceId target;            ///< in the target's cache, which lacks the last token
    std::int64_t room;            ///< tokens that the reply may still have
    TokenGuide* guide = nullptr;  ///< what is known of them; null: nothing
  };

  /// `draft` is null without a draft model. Everything given must outlive it. Throws ConfigError
  /// for options out of range, or a draft model that is missing or has another vocabulary.
  Speculation(const SpeculationOptions& options, const Model& target, const Model* draft,
              Context& ctx, KvCache& cache, std::int64_t positions, KvFormat kv);
  ~Speculation();

  bool is_on() const { return !drafters_.empty(); }

  /// A sequence that begins with `prompt` and whose further tokens `sampler` chooses; the sampler
  /// must outlive it. A draft model reads the prompt now, unless it has not paid so far.
  std::unique_ptr<Sequence> open(std::span<const TokenId> prompt, const Sampler& sampler);

  /// Gives every turn its draft, for a pass that has `rows` rows without drafts. Of tokens that
  /// come for sure it takes `most_certain` at most, over all turns.
  void plan(std::span<const Turn> turns, std::int64_t rows, std::int64_t most_certain);

  /// A pass took `seconds`, over `rows` rows without drafts. Every sequence of `turns` has been
  /// told what came.
  void record(std::span<const Turn> turns, std::int64_t rows, double seconds);

  /// A reply is over.
  void learn(std::span<const TokenId> reply);

  const PassCost& cost() const { return cost_; }

 private:
  struct Member;

  void add(std::unique_ptr<Drafter> drafter);
  static void prepare(Member& member, DraftSequence& sequence);
  void propose(Member& member, std::span<const Turn> turns, int tokens, double min_chance);
  void plan_fixed(std::span<const Turn> turns);
  void plan_auto(std::span<const Turn> turns, const PlainPass& pass);
  void ask_model(Member& member, std::span<const Turn> turns, const PlainPass& pass);
  int tokens_worth_asking(const Member& member, double turns, double right, const PlainPass& pass,
                          double rate) const;

  SpeculationOptions options_;
  std::vector<std::unique_ptr<Member>> drafters_;
  PassCost cost_;
  Ledger ledger_;
  std::int64_t since_plain_ = 0;
  double draft_s_ = 0;  ///< spent on the drafts of the next pass
};

}  // namespace pangu
