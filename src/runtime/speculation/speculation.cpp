// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/speculation.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/resources.h"
#include "runtime/speculation/guide_drafter.h"
#include "runtime/speculation/lookup_drafter.h"
#include "runtime/speculation/model_drafter.h"
#include "runtime/speculation/price.h"
#include "runtime/speculation/row_choice.h"
#include "runtime/speculation/speculation_sequence.h"
#include "runtime/speculation/suffix_drafter.h"

namespace pangu {
namespace {

/// Guesses on offer for one sequence, and the least chance that is worth a look.
constexpr int kMostTokens = 32;
constexpr double kLeastChance = 0.02;
/// A plain pass among so many others keeps the price of plain decoding up to date.
constexpr std::int64_t kPlainEvery = 48;
/// Tokens between two trials of a draft model that does not pay, and how far that grows.
constexpr std::int64_t kFirstTrial = 16, kRarestTrial = 1024;
constexpr int kTrialTokens = 2;
/// Right tokens that are believed before any was promised, and how long a promise is remembered.
constexpr double kTrust = 4, kMemoryOfPromises = 0.98;
/// Share of right guesses to expect of a model that was never asked.
constexpr double kUnknownModel = 0.6;

/// Adds the chances of a draft's guesses.
void add_chances(const Draft& draft, std::vector<double>& chances) {
  for (const Draft::Node& node : draft.nodes()) {
    if (node.kind != Draft::kCertain) chances.push_back(node.chance);
  }
}

/// Whose proposal is most promising for each sequence, and the chances of all their guesses,
/// falling.
struct Offer {
  std::vector<std::size_t> drafters;
  std::vector<double> chances;
};

Offer best_offer(std::span<const Speculation::Turn> turns, const PlainPass& pass,
                 const PassCost& cost) {
  constexpr double kNoLimit = std::numeric_limits<double>::infinity();
  Offer offer;
  std::vector<double> chances;
  for (const Speculation::Turn& turn : turns) {
    const auto& views = turn.sequence->views;
    std::size_t best = 0;
    double best_rate = -1;
    for (std::size_t d = 0; d < views.size(); ++d) {
      chances.clear();
      add_chances(views[d]->proposal, chances);
      std::ranges::sort(chances, std::greater());
      const double rate = choose_rows(chances, pass, cost, kNoLimit).rate;
      if (rate <= best_rate) continue;
      best_rate = rate;
      best = d;
    }
    offer.drafters.push_back(best);
    add_chances(views[best]->proposal, offer.chances);
  }
  std::ranges::sort(offer.chances, std::greater());
  return offer;
}

/// Finds the tokens that come for sure, over all turns at most `most`; returns how many there are.
std::int64_t find_certain(std::span<const Speculation::Turn> turns, std::int64_t most) {
  std::int64_t all = 0;
  for (const Speculation::Turn& turn : turns) {
    turn.sequence->certain.clear();
    // One token comes without being drafted.
    const std::int64_t room = std::min({turn.room - 1, most - all, std::int64_t{kMostTokens}});
    if (!turn.guide || room < 1) continue;
    for (const auto& [token, why] : turn.guide->expected(static_cast<std::size_t>(room), false)) {
      turn.sequence->certain.push_back(token);
    }
    all += std::ssize(turn.sequence->certain);
  }
  return all;
}

}  // namespace

/// A drafter with what is known of it over all sequences.
struct Speculation::Member {
  explicit Member(std::unique_ptr<Drafter> d) : drafter(std::move(d)), all(drafter->priors()) {}

  std::unique_ptr<Drafter> drafter;
  Acceptance all;
  std::size_t index = 0;
  /// Drafts that are checked were chosen for being promising, which more often than not means
  /// that they promised too much: what came, of what was promised.
  double promised = kTrust, kept = kTrust;
  double discount = 1;  ///< of the chances of the proposals at hand
  Price token;          ///< of a pass of drafting
  Price behind;         ///< of a token that the drafter is behind
  double next_right = kUnknownModel;
  std::int64_t until_trial = 0, between_trials = kFirstTrial;
};

Speculation::Speculation(const SpeculationOptions& options, const Model& target, const Model* draft,
                         Context& ctx, KvCache& cache, std::int64_t positions, KvFormat kv)
    : options_(options) {
  options.validate();
  const SpeculationMode mode = options.mode;
  const bool is_auto = mode == SpeculationMode::kAuto;
  if (is_auto || mode == SpeculationMode::kLookup) add(make_lookup_drafter(options.ngram));
  if (is_auto || mode == SpeculationMode::kSuffix) add(make_suffix_drafter());
  if (mode == SpeculationMode::kSelf || (is_auto && options.self_layers > 0)) {
    const std::int64_t quarter = std::max<std::int64_t>(target.config().n_layers / 4, 1);
    const std::int64_t layers = options.self_layers > 0 ? options.self_layers : quarter;
    add(make_self_drafter(target, ctx, layers, cache));
  }
  if (draft && (is_auto || mode == SpeculationMode::kDraft)) {
    check_draft_vocabulary(draft->vocabulary(), target.vocabulary());
    add(make_model_drafter(*draft, ctx, positions, kv));
  } else if (mode == SpeculationMode::kDraft) {
    fail<ConfigError>(
        "[speculation] 'draft' needs a draft model: a smaller one with the same tokenizer "
        "(--draft).");
  }
  if (mode != SpeculationMode::kOff) add(make_guide_drafter());
}

Speculation::~Speculation() = default;

void Speculation::add(std::unique_ptr<Drafter> drafter) {
  drafters_.push_back(std::make_unique<Member>(std::move(drafter)));
  drafters_.back()->index = drafters_.size() - 1;
}

std::unique_ptr<Speculation::Sequence> Speculation::open(std::span<const TokenId> prompt,
                                                         const Sampler& sampler) {
  auto sequence = std::make_unique<Sequence>();
  for (const auto& member : drafters_) {
    auto view =
        std::make_unique<Sequence::View>(member->drafter->open(prompt, sampler), member->all);
    view->next_right = member->next_right;
    if (member->between_trials == kFirstTrial) prepare(*member, *view->knowledge);
    sequence->views.push_back(std::move(view));
  }
  return sequence;
}

void Speculation::prepare(Member& member, DraftSequence& sequence) {
  const std::int64_t behind = sequence.behind();
  if (behind == 0) return;
  const Stopwatch watch;
  member.drafter->prepare(sequence);
  member.behind.record(static_cast<double>(behind), watch.seconds());
}

void Speculation::learn(std::span<const TokenId> reply) {
  for (const auto& member : drafters_) member->drafter->learn(reply);
}

void Speculation::propose(Member& member, std::span<const Turn> turns, int tokens,
                          double min_chance) {
  std::vector<DraftRequest> requests;
  for (const Turn& turn : turns) {
    Sequence::View& view = *turn.sequence->views[member.index];
    view.proposal.clear();
    // One token comes without being drafted.
    const auto most =
        static_cast<int>(std::min(tokens + std::ssize(turn.sequence->certain), turn.room - 1));
    if (most < 1) continue;
    requests.push_back({.sequence = *view.knowledge,
                        .acceptance = view.acceptance,
                        .target = turn.target,
                        .max_tokens = most,
                        .min_chance = min_chance,
                        .certain = turn.sequence->certain,
                        .guide = turn.guide,
                        .draft = view.proposal});
  }
  if (requests.empty()) return;
  member.drafter->propose(requests);
  member.discount = std::min(member.kept / member.promised, 1.0);
  for (const Turn& turn : turns) {
    Sequence::View& view = *turn.sequence->views[member.index];
    const std::size_t proposed = view.proposal.size();
    if (turn.guide) {
      turn.guide->prune(view.proposal);
      view.cut = view.proposal.size() < proposed;
      view.proposal = view.proposal.behind(turn.sequence->certain);
    }
    view.proposal.discount(member.discount);
  }
}

void Speculation::plan(std::span<const Turn> turns, std::int64_t rows, std::int64_t most_certain) {
  const std::int64_t certain = find_certain(turns, most_certain);
  for (const Turn& turn : turns) {
    turn.sequence->choose(Draft().behind(turn.sequence->certain), 0);
  }
  if (!is_on() || turns.empty()) return;
  draft_s_ = 0;
  if (options_.mode == SpeculationMode::kAuto) {
    const std::int64_t sure = std::ssize(turns) + certain;
    plan_auto(turns, {.tokens = static_cast<double>(sure),
                      .rows = sure,
                      .prompt_rows = rows - std::ssize(turns)});
  } else {
    plan_fixed(turns);
  }
}

/// Where a grammar makes text likely, its guess comes before that of the drafter that was asked
/// for.
void Speculation::plan_fixed(std::span<const Turn> turns) {
  if (!cost_.is_known() || since_plain_ >= kPlainEvery) return;
  const Stopwatch watch;
  Member& guided = *drafters_.back();
  propose(guided, turns, options_.tokens, 0);
  std::vector<Turn> others;
  for (const Turn& turn : turns) {
    const Draft& draft = turn.sequence->views[guided.index]->proposal;
    if (draft.size() > turn.sequence->certain.size()) {
      turn.sequence->choose(draft, guided.index);
    } else {
      others.push_back(turn);
    }
  }
  Member& asked = *drafters_.front();
  propose(asked, others, options_.tokens, 0);
  draft_s_ = watch.seconds();
  for (const Turn& turn : others) {
    turn.sequence->choose(turn.sequence->views[asked.index]->proposal, asked.index);
  }
}

void Speculation::plan_auto(std::span<const Turn> turns, const PlainPass& pass) {
  for (const auto& member : drafters_) {
    if (!member->drafter->runs_model()) propose(*member, turns, kMostTokens, kLeastChance);
  }
  if (!cost_.is_known() || since_plain_ >= kPlainEvery) return;
  ledger_.open(cost_.seconds(1));
  for (const auto& member : drafters_) {
    if (member->drafter->runs_model()) ask_model(*member, turns, pass);
  }
  const Offer offer = best_offer(turns, pass, cost_);
  const RowChoice choice = choose_rows(offer.chances, pass, cost_, ledger_.balance());
  if (choice.nodes == 0) return;
  for (std::size_t t = 0; t < turns.size(); ++t) {
    const std::size_t drafter = offer.drafters[t];
    Draft draft = turns[t].sequence->views[drafter]->proposal;
    draft.keep_from(offer.chances[choice.nodes - 1]);
    turns[t].sequence->choose(draft.behind(turns[t].sequence->certain), drafter);
  }
}

/// The number of tokens that a model should draft for each of n sequences, so that more come per
/// second than at `rate`; 0 if there is none.
int Speculation::tokens_worth_asking(const Member& m, double n, double right, const PlainPass& pass,
                                     double rate) const {
  int tokens = 0;
  double expected = pass.tokens, chance = 1;
  for (int k = 1; k <= kMostTokens; ++k) {
    chance *= right;
    expected += n * chance;
    const std::int64_t drafted = k * static_cast<std::int64_t>(n);
    if (drafted > cost_.most_drafted()) break;
    const double seconds = pass.seconds(cost_, drafted) + k * m.token.value();
    if (expected / seconds <= rate) continue;
    rate = expected / seconds;
    tokens = k;
  }
  return tokens;
}

/// Lets a model draft if that is expected to pay, or if it is time to try it again.
void Speculation::ask_model(Member& m, std::span<const Turn> turns, const PlainPass& pass) {
  const auto n = static_cast<double>(turns.size());
  double right = 0;
  for (const Turn& turn : turns) right += turn.sequence->views[m.index]->next_right / n;
  const RowChoice without =
      choose_rows(best_offer(turns, pass, cost_).chances, pass, cost_, ledger_.balance());
  int tokens = tokens_worth_asking(m, n, right, pass, without.rate);
  const double plain_s = pass.seconds(cost_, 0);
  double behind = 0;
  for (const Turn& turn : turns) {
    behind += static_cast<double>(turn.sequence->views[m.index]->knowledge->behind());
  }
  const auto risk = [&](int k) {
    return pass.seconds(cost_, k * std::ssize(turns)) - plain_s + k * m.token.value() +
           behind * m.behind.value();
  };
  while (tokens > 0 && !ledger_.affords(risk(tokens))) --tokens;
  if (tokens == 0) {
    m.until_trial -= std::ssize(turns);
    if (m.until_trial > 0 || !ledger_.affords(risk(kTrialTokens))) return;
    tokens = kTrialTokens;
    m.until_trial = m.between_trials;
    m.between_trials = std::min(2 * m.between_trials, kRarestTrial);
  } else {
    m.between_trials = kFirstTrial;
    m.until_trial = kFirstTrial;
  }
  const Stopwatch whole;
  for (const Turn& turn : turns) {
    prepare(m, *turn.sequence->views[m.index]->knowledge);
  }
  const Stopwatch watch;
  // A token is worth its price if it comes often enough, at the rate that is to be had without it.
  const double price = m.token.value() + pass.seconds(cost_, 1) - plain_s;
  propose(m, turns, tokens, std::min(without.rate * price, 0.9));
  const double seconds = watch.seconds();
  draft_s_ += whole.seconds();
  std::size_t longest = 1;
  for (const Turn& turn : turns) {
    const std::size_t guesses =
        turn.sequence->views[m.index]->proposal.size() - turn.sequence->certain.size();
    longest = std::max(longest, guesses);
  }
  m.token.record(static_cast<double>(longest), seconds);
}

void Speculation::record(std::span<const Turn> turns, std::int64_t rows, double seconds) {
  if (!is_on() || turns.empty()) return;
  std::int64_t came = 0, nodes = 0, certain = 0, certain_came = 0;
  for (const Turn& turn : turns) {
    came += turn.sequence->last_came();
    nodes += turn.sequence->last_drafted();
    certain += turn.sequence->last_certain();
    certain_came += turn.sequence->last_certain_came();
  }
  const auto n = static_cast<double>(turns.size());
  since_plain_ = nodes == 0 ? 0 : since_plain_ + 1;
  // Rows of prompts cost less than others: most of them give no logits.
  if (rows == std::ssize(turns)) cost_.record(rows + nodes, seconds);
  const double plain_s = cost_.seconds(rows + certain);
  // What a token more is worth is what it would have taken without speculation.
  const double token_s = cost_.seconds(std::ssize(turns)) / n;
  const double extra_s = cost_.seconds(rows + nodes) - plain_s + draft_s_;
  const std::int64_t guessed = came - certain_came - std::ssize(turns);
  ledger_.settle(token_s * static_cast<double>(guessed) - extra_s, token_s * n);
  for (const Turn& turn : turns) {
    if (turn.sequence->last_drafted() > turn.sequence->last_certain()) {
      Member& member = *drafters_[turn.sequence->last_drafter()];
      // What the drafter promised is what was expected, before the discount.
      member.promised =
          kMemoryOfPromises * member.promised + turn.sequence->last_expected() / member.discount;
      member.kept =
          kMemoryOfPromises * member.kept +
          static_cast<double>(turn.sequence->last_came() - 1 - turn.sequence->last_certain_came());
    }
    SpeculationStats& stats = turn.sequence->stats;
    stats.draft_s += draft_s_ / n;
    stats.total_s += (draft_s_ + seconds) / n;
    stats.plain_s += token_s * static_cast<double>(turn.sequence->last_came());
    for (const auto& member : drafters_) {
      if (!member->drafter->runs_model()) continue;
      member->next_right +=
          0.02 * (turn.sequence->views[member->index]->next_right - member->next_right);
    }
  }
  draft_s_ = 0;
}

}  // namespace pangu
