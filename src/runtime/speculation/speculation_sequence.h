// SPDX-License-Identifier: Apache-2.0
// What speculation knows of one reply: each drafter's view of it, and how well each did.
#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "pangu/speculation.h"
#include "runtime/speculation/drafter.h"
#include "runtime/speculation/speculation.h"

namespace pangu {

class Speculation::Sequence {
 public:
  /// One drafter's view.
  struct View {
    View(std::unique_ptr<DraftSequence> opened, Acceptance& all)
        : knowledge(std::move(opened)), acceptance(all) {}

    std::unique_ptr<DraftSequence> knowledge;
    SequenceAcceptance acceptance;
    Draft proposal;         ///< for the next pass
    bool cut = false;       ///< whether guesses were left out that cannot come
    double next_right = 0;  ///< share of tokens that were right, of those whose predecessors were
    std::int64_t asked = 0;
  };

  /// Drafters in the order in which they were added.
  std::vector<std::unique_ptr<View>> views;
  SpeculationStats stats;

  /// A token that came out of a pass without a plan: the first of a reply does.
  void push(TokenId token);

  /// The tokens that come next for sure; every draft begins with them.
  std::vector<TokenId> certain;

  /// The draft to check in the next pass; empty for a plain one.
  const Draft& draft() const { return draft_; }
  void choose_none() { draft_.clear(); }
  void choose(const Draft& draft, std::size_t drafter) {
    draft_ = draft;
    drafter_ = drafter;
  }
  /// After a pass: its tokens, of which all but the last were in the draft.
  void advance(std::span<const TokenId> came);

  /// Of the last pass.
  std::int64_t last_came() const { return last_came_; }
  std::int64_t last_drafted() const { return last_drafted_; }
  /// Of its draft's tokens, those that were no guesses, and how many of these came.
  std::int64_t last_certain() const { return last_certain_; }
  std::int64_t last_certain_came() const { return last_certain_came_; }
  /// Which drafter's draft it checked, and how many right guesses that promised.
  std::size_t last_drafter() const { return drafter_; }
  double last_expected() const { return last_expected_; }

 private:
  Draft draft_;
  std::size_t drafter_ = 0;
  std::int64_t last_came_ = 0, last_drafted_ = 0, last_certain_ = 0, last_certain_came_ = 0;
  double last_expected_ = 0;
};

}  // namespace pangu
