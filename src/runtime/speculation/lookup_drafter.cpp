// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/lookup_drafter.h"

#include "runtime/speculation/ngram_matcher.h"

namespace pangu {
namespace {

struct LookupSequence final : DraftSequence {
  explicit LookupSequence(int max_n) : matcher(max_n) {}
  void extend(std::span<const TokenId> tokens) override {
    for (const TokenId token : tokens) matcher.push(token);
  }

  NGramMatcher matcher;
};

class LookupDrafter final : public Drafter {
 public:
  explicit LookupDrafter(int max_n) : max_n_(max_n) { NGramMatcher check(max_n); }

  std::string_view name() const override { return "pld"; }
  bool runs_model() const override { return false; }
  std::span<const double> priors() const override { return kLengthPriors; }
  std::unique_ptr<DraftSequence> open(std::span<const TokenId> prompt, const Sampler&) override {
    auto sequence = std::make_unique<LookupSequence>(max_n_);
    sequence->extend(prompt);
    return sequence;
  }

  void propose(std::span<DraftRequest> requests) override {
    for (DraftRequest& r : requests) {
      const NGramMatcher& matcher = static_cast<const LookupSequence&>(r.sequence).matcher;
      const NGramMatcher::Match match = matcher.match();
      if (match.length == 0) continue;
      Draft::Index last = Draft::kRoot;
      for (int i = 0; i < r.max_tokens; ++i) {
        // What comes after i right guesses is a guess from a match that much longer.
        const int kind = length_class(match.length + i);
        const double chance = r.acceptance.chance(kind);
        if (r.draft.chance(last) * chance < r.min_chance) break;
        last = r.draft.add(last, matcher.continuation(match, static_cast<std::size_t>(i)), kind,
                           chance);
      }
    }
  }

 private:
  int max_n_;
};

}  // namespace

std::unique_ptr<Drafter> make_lookup_drafter(int max_n) {
  return std::make_unique<LookupDrafter>(max_n);
}

}  // namespace pangu
