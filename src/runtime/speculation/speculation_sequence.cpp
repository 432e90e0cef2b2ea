// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/speculation_sequence.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace pangu {
namespace {

/// Weight of the newest token in the share of right ones, and how many tokens the share of all
/// sequences stands for at first.
constexpr double kNewest = 0.1, kWeightOfOthers = 5;

/// How many nodes lie on the longest path from the root.
std::size_t depth(const Draft& draft) {
  std::vector<std::size_t> depths;
  std::size_t deepest = 0;
  for (const Draft::Node& node : draft.nodes()) {
    const auto parent = node.parent;
    depths.push_back(parent == Draft::kRoot ? 1 : depths[static_cast<std::size_t>(parent)] + 1);
    deepest = std::max(deepest, depths.back());
  }
  return deepest;
}

/// Compares a proposal with what came, as far as that shows which guesses were right.
void judge(Speculation::Sequence::View& view, std::span<const TokenId> came) {
  Draft::Index at = Draft::kRoot;
  for (const TokenId token : came) {
    bool guessed = false;
    std::optional<Draft::Index> right;
    for (std::size_t i = 0; i < view.proposal.size(); ++i) {
      const Draft::Node& node = view.proposal.nodes()[i];
      if (node.parent != at) continue;
      if (node.token == token) right = static_cast<Draft::Index>(i);
      if (node.kind == Draft::kCertain) continue;
      guessed = true;
      view.acceptance.record(node.kind, node.token == token);
    }
    if (!guessed && right) {
      at = *right;
      continue;
    }
    // What was left out of a proposal was wrong.
    if (!guessed && !std::exchange(view.cut, false)) return;
    const double weight =
        std::max(kNewest, 1.0 / (static_cast<double>(++view.asked) + kWeightOfOthers));
    view.next_right += weight * ((right ? 1.0 : 0.0) - view.next_right);
    if (!right) return;
    at = *right;
  }
}

}  // namespace

void Speculation::Sequence::push(TokenId token) {
  for (const auto& view : views) view->knowledge->extend(std::span(&token, 1));
}

void Speculation::Sequence::advance(std::span<const TokenId> came) {
  for (const auto& view : views) {
    judge(*view, came);
    view->proposal.clear();
    view->cut = false;
    view->knowledge->extend(came);
  }
  last_came_ = std::ssize(came);
  last_drafted_ = std::ssize(draft_.nodes());
  last_certain_ = static_cast<std::int64_t>(draft_.certain());
  last_certain_came_ = std::clamp<std::int64_t>(last_came_ - 1, 0, last_certain_);
  last_expected_ = draft_.expected_tokens() - static_cast<double>(last_certain_);
  const std::size_t accepted = came.empty() ? 0 : came.size() - 1, drafted = depth(draft_);
  ++stats.passes;
  if (last_drafted_ == 0) ++stats.plain;
  stats.tokens += std::ssize(came);
  stats.drafted += last_drafted_;
  stats.accepted += static_cast<std::int64_t>(accepted);
  stats.forced += last_certain_came_;
  const auto count = [](std::vector<std::int64_t>& at, std::size_t n) {
    if (at.size() < n) at.resize(n);
    for (std::size_t i = 0; i < n; ++i) ++at[i];
  };
  count(stats.drafted_at, drafted);
  count(stats.accepted_at, accepted);
  draft_.clear();
}

}  // namespace pangu
