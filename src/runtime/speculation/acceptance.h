// SPDX-License-Identifier: Apache-2.0
// How good a drafter's guesses are, learnt from what came. Guesses fall into kinds (by length of
// the match, by the draft model's own confidence) that are about equally good; each kind has its
// own share of right guesses, in which old ones count less and less.
#pragma once

#include <span>
#include <vector>

namespace pangu {

/// Shares of one drafter: over all sequences, and as a start for each new one.
class Acceptance {
 public:
  /// `priors` is the share that each kind is thought to have before anything is known.
  explicit Acceptance(std::span<const double> priors);

  int kinds() const { return static_cast<int>(counts_.size()); }
  double chance(int kind) const;
  void record(int kind, bool came);

 private:
  struct Count {
    double prior = 0, came = 0, all = 0;
  };
  std::vector<Count> counts_;
};

/// Shares within one sequence, which start from those of all.
class SequenceAcceptance {
 public:
  /// `all` must outlive it, and learns from it.
  explicit SequenceAcceptance(Acceptance& all);

  double chance(int kind) const;
  void record(int kind, bool came);

 private:
  struct Count {
    double came = 0, all = 0;
  };
  Acceptance& all_;
  std::vector<Count> counts_;
};

}  // namespace pangu
