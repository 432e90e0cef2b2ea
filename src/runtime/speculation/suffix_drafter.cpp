// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/suffix_drafter.h"

#include <algorithm>
#include <array>
#include <deque>
#include <queue>
#include <utility>
#include <vector>

#include "runtime/speculation/suffix_automaton.h"

namespace pangu {
namespace {

constexpr int kShareClasses = 4;
/// Alternatives at one place of the tree.
constexpr std::size_t kWidth = 3;
/// Tokens of past replies that are remembered, about 100 bytes each.
constexpr std::int64_t kPoolTokens = 1 << 18;

/// How far the counts agree on a token: not half, mostly, nearly all of several, all.
int share_class(std::int32_t count, std::int64_t all) {
  const double share = static_cast<double>(count) / static_cast<double>(all);
  return share < 0.45 ? 0 : share < 0.75 ? 1 : share < 1 ? 2 : 3;
}

const std::array<double, kLengthClasses * kShareClasses>& kind_priors() {
  static const auto priors = [] {
    constexpr double kShare[kShareClasses] = {0.3, 0.6, 0.85, 1.0};
    std::array<double, kLengthClasses * kShareClasses> out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = kLengthPriors[i / kShareClasses] * kShare[i % kShareClasses];
    }
    return out;
  }();
  return priors;
}

/// Replies that the process gave before; the oldest are forgotten.
class ReplyPool {
 public:
  const SuffixAutomaton& texts() const { return automaton_; }
  /// Changes when states of texts() lose their meaning.
  int edition() const { return edition_; }

  void add(std::span<const TokenId> reply) {
    replies_.emplace_back(reply.begin(), reply.end());
    push(replies_.back());
    if (automaton_.tokens() > kPoolTokens) forget_half();
  }

 private:
  void push(const std::vector<TokenId>& reply) {
    for (const TokenId token : reply) automaton_.push(token);
    automaton_.end_text();
  }
  void forget_half() {
    std::int64_t left = automaton_.tokens();
    while (left > kPoolTokens / 2 && !replies_.empty()) {
      left -= std::ssize(replies_.front());
      replies_.pop_front();
    }
    automaton_.clear();
    for (const auto& reply : replies_) push(reply);
    ++edition_;
  }

  SuffixAutomaton automaton_;
  std::deque<std::vector<TokenId>> replies_;
  int edition_ = 0;
};

class SuffixSequence final : public DraftSequence {
 public:
  explicit SuffixSequence(const ReplyPool& pool) : pool_(pool), edition_(pool.edition()) {}

  void extend(std::span<const TokenId> tokens) override {
    if (edition_ != pool_.edition()) {
      edition_ = pool_.edition();
      in_pool_ = {};
    }
    for (const TokenId token : tokens) {
      own_.push(token);
      in_pool_ = pool_.texts().follow(in_pool_, token);
    }
  }

  /// The longest match and the texts it is in.
  std::pair<const SuffixAutomaton*, SuffixAutomaton::Match> longest() const {
    const SuffixAutomaton::Match own = own_.repeated_end();
    if (edition_ == pool_.edition() && in_pool_.length > own.length) {
      return {&pool_.texts(), pool_.texts().settled(in_pool_)};
    }
    return {&own_, own};
  }

 private:
  const ReplyPool& pool_;
  int edition_;
  SuffixAutomaton own_;
  SuffixAutomaton::Match in_pool_;
};

class SuffixDrafter final : public Drafter {
 public:
  std::string_view name() const override { return "suffix"; }
  bool runs_model() const override { return false; }
  std::span<const double> priors() const override { return kind_priors(); }
  std::unique_ptr<DraftSequence> open(std::span<const TokenId> prompt, const Sampler&) override {
    auto sequence = std::make_unique<SuffixSequence>(pool_);
    sequence->extend(prompt);
    return sequence;
  }
  void learn(std::span<const TokenId> reply) override { pool_.add(reply); }

  void propose(std::span<DraftRequest> requests) override {
    for (DraftRequest& r : requests) {
      const auto [texts, match] = static_cast<const SuffixSequence&>(r.sequence).longest();
      if (match.length > 0) grow(*texts, match, r);
    }
  }

 private:
  /// A guess that is not in the draft yet.
  struct Candidate {
    double path_chance, chance;
    Draft::Index parent;
    int kind;
    TokenId token;
    SuffixAutomaton::Match match;
    bool operator<(const Candidate& other) const { return path_chance < other.path_chance; }
  };

  /// Takes the likeliest candidate again and again.
  void grow(const SuffixAutomaton& texts, SuffixAutomaton::Match match, DraftRequest& r) {
    candidates_ = {};
    offer(texts, match, Draft::kRoot, r);
    while (!candidates_.empty() && static_cast<int>(r.draft.size()) < r.max_tokens) {
      const Candidate c = candidates_.top();
      candidates_.pop();
      const Draft::Index node = r.draft.add(c.parent, c.token, c.kind, c.chance);
      offer(texts, c.match, node, r);
    }
  }

  void offer(const SuffixAutomaton& texts, SuffixAutomaton::Match match, Draft::Index parent,
             const DraftRequest& r) {
    texts.continuations(match.state, next_);
    const std::size_t width = std::min(kWidth, next_.size());
    std::ranges::partial_sort(next_, next_.begin() + static_cast<std::ptrdiff_t>(width),
                              [](const auto& a, const auto& b) {
                                return std::pair(-a.count, a.token) < std::pair(-b.count, b.token);
                              });
    std::int64_t all = 0;
    for (const auto& next : next_) all += next.count;
    for (std::size_t i = 0; i < width; ++i) {
      const int kind =
          length_class(match.length) * kShareClasses + share_class(next_[i].count, all);
      const double chance = r.acceptance.chance(kind);
      const double path_chance = r.draft.chance(parent) * chance;
      if (path_chance < r.min_chance) continue;
      candidates_.push({.path_chance = path_chance,
                        .chance = chance,
                        .parent = parent,
                        .kind = kind,
                        .token = next_[i].token,
                        .match = {.state = next_[i].state, .length = match.length + 1}});
    }
  }

  ReplyPool pool_;
  std::vector<SuffixAutomaton::Next> next_;
  std::priority_queue<Candidate> candidates_;
};

}  // namespace

std::unique_ptr<Drafter> make_suffix_drafter() {
  return std::make_unique<SuffixDrafter>();
}

}  // namespace pangu
