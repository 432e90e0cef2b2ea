// SPDX-License-Identifier: Apache-2.0
#include "adaptive/optimize/held_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace pangu::adaptive {
namespace {

std::vector<double> values_of(const std::vector<AnswerFigures>& answers) {
  std::vector<double> out;
  for (const AnswerFigures& answer : answers) out.push_back(answer.value);
  return out;
}

bool gives_original_replies(const Candidate& c) {
  return c.strategy.variant.is_original() && c.strategy.thinking == Thinking::kDefault;
}

/// Whether a check made before, of another way of guessing, holds for this candidate: replies are
/// the same.
bool same_replies(const Candidate& a, const Candidate& b) {
  return a.strategy.variant == b.strategy.variant && a.strategy.thinking == b.strategy.thinking;
}

HeldOutCheck check_of(const Candidate& c, const std::string& kind,
                      const std::vector<double>& original, const std::vector<double>& other,
                      double min_quality) {
  HeldOutCheck out{.kind = kind, .strategy = c.strategy.text()};
  out.pairs = count_pairs(original, other);
  out.promised = predicted_interval(c.pairs, out.pairs.n, eval::kZ95);
  // Both the promise and, on all items together, what was asked for.
  PairedCounts all = c.pairs;
  all.n += out.pairs.n;
  all.both += out.pairs.both;
  all.only_original += out.pairs.only_original;
  all.only_variant += out.pairs.only_variant;
  out.holds = out.pairs.kept() >= out.promised.low && all.kept() >= min_quality;
  return out;
}

std::vector<Candidate> keeping_to(const Goal& goal, const std::vector<Candidate>& list) {
  std::vector<Candidate> out;
  std::copy_if(list.begin(), list.end(), std::back_inserter(out), [&](const Candidate& c) {
    return obstacle(c, goal.constraints) == Obstacle::kNone;
  });
  return out;
}

}  // namespace

std::optional<CheckedChoice> choose_checked(const std::vector<Candidate>& list, const Goal& goal,
                                            const std::string& kind, const HeldOutAnswers& answers,
                                            const std::function<void(const std::string&)>& say) {
  std::vector<Candidate> left = list;
  std::vector<HeldOutCheck> checks;
  std::optional<std::vector<double>> original;
  while (true) {
    const Decision decision = decide(left, goal);
    if (!decision.recommendation) return std::nullopt;
    const Candidate chosen = *decision.recommendation->choice.candidate;
    if (gives_original_replies(chosen) || chosen.tells_nothing || chosen.items == 0) {
      return CheckedChoice{chosen, std::move(checks), keeping_to(goal, left)};
    }
    if (!original) original = values_of(answers({}, Thinking::kDefault));
    const std::vector<double> other =
        values_of(answers(chosen.strategy.variant, chosen.strategy.thinking));
    checks.push_back(check_of(chosen, kind, *original, other, goal.constraints.min_quality));
    const HeldOutCheck& check = checks.back();
    say(
        fmt::format("{}: {} keeps {:.4f} on {} items that were kept back ({:.4f} or more was "
                    "promised){}",
                    kind, check.strategy, check.pairs.kept(), check.pairs.n, check.promised.low,
                    check.holds ? "" : ": it does not hold; the next one is tried"));
    if (check.holds) return CheckedChoice{chosen, std::move(checks), keeping_to(goal, left)};
    std::erase_if(left, [&](const Candidate& c) { return same_replies(c, chosen); });
  }
}

std::optional<CheckedChoice> choose_checked(const std::vector<Candidate>& list, const Goal& goal,
                                            const KindTask& task, Laboratory& laboratory,
                                            const std::function<void(const std::string&)>& say) {
  const auto answers = [&](const Variant& variant, Thinking thinking) {
    return laboratory.answers(task, variant, thinking, 0, task.size(ItemPart::kKeptBack),
                              ItemPart::kKeptBack);
  };
  return choose_checked(list, goal, task.kind, answers, say);
}

}  // namespace pangu::adaptive
