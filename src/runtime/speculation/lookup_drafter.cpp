// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/lookup_drafter.h"

#include <algorithm>
#include <array>

#include "runtime/speculation/alignment.h"
#include "runtime/speculation/ngram_matcher.h"

namespace pangu {
namespace {

/// Kinds of guesses behind a token that differed: right behind one, behind several, and by how many
/// agree since.
enum AlignedKind { kBehindOne, kBehindSeveral, kFewAgree, kManyAgree, kAlignedKinds };
constexpr int kMany = 3;

int aligned_kind(const Alignment::Place& place, int further) {
  const int run = place.run + further;
  if (run == 0) return place.gaps > 1 ? kBehindSeveral : kBehindOne;
  return run < kMany ? kFewAgree : kManyAgree;
}

constexpr auto kLookupPriors = [] {
  std::array<double, kLengthClasses + kAlignedKinds> out{};
  std::ranges::copy(kLengthPriors, out.begin());
  std::ranges::copy(std::array{0.5, 0.3, 0.6, 0.8}, out.begin() + kLengthClasses);
  return out;
}();

struct LookupSequence final : DraftSequence {
  explicit LookupSequence(int max_n) : matcher(max_n) {}
  void extend(std::span<const TokenId> tokens) override {
    for (const TokenId token : tokens) {
      alignment.advance(matcher, token);
      matcher.push(token);
    }
  }

  NGramMatcher matcher;
  Alignment alignment;
};

class LookupDrafter final : public Drafter {
 public:
  explicit LookupDrafter(int max_n) : max_n_(max_n) { NGramMatcher check(max_n); }

  std::string_view name() const override { return "pld"; }
  bool runs_model() const override { return false; }
  std::span<const double> priors() const override { return kLookupPriors; }
  std::unique_ptr<DraftSequence> open(std::span<const TokenId> prompt, const Sampler&) override {
    auto sequence = std::make_unique<LookupSequence>(max_n_);
    sequence->extend(prompt);
    return sequence;
  }

  void propose(std::span<DraftRequest> requests) override {
    for (DraftRequest& r : requests) {
      const auto& s = static_cast<const LookupSequence&>(r.sequence);
      const NGramMatcher::Match match = s.matcher.match();
      // What comes after i right guesses is a guess from a match that much longer.
      const auto matched = [&](int i) { return length_class(match.length + i); };
      if (const auto& place = s.alignment.place()) {
        const auto aligned = [&](int i) { return kLengthClasses + aligned_kind(*place, i); };
        if (match.length == 0 ||
            r.acceptance.chance(aligned(0)) > r.acceptance.chance(matched(0))) {
          grow(s.matcher, {.position = place->position, .length = place->run}, aligned, r);
          continue;
        }
      }
      if (match.length > 0) grow(s.matcher, match, matched, r);
    }
  }

 private:
  /// The tokens behind a place, `kind(i)` being what the guess of the i-th of them is.
  template <class Kind>
  static void grow(const NGramMatcher& text, const NGramMatcher::Match& from, const Kind& kind,
                   DraftRequest& r) {
    Draft::Index last = Draft::kRoot;
    for (int i = 0; i < r.max_tokens; ++i) {
      const double chance = r.acceptance.chance(kind(i));
      if (r.draft.chance(last) * chance < r.min_chance) break;
      last =
          r.draft.add(last, text.continuation(from, static_cast<std::size_t>(i)), kind(i), chance);
    }
  }

  int max_n_;
};

}  // namespace

std::unique_ptr<Drafter> make_lookup_drafter(int max_n) {
  return std::make_unique<LookupDrafter>(max_n);
}

}  // namespace pangu
