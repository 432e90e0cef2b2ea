// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/acceptance.h"

namespace pangu {
namespace {

// A guess counts half after 138 more of its kind over all sequences, after 13 within one.
constexpr double kMemoryOfAll = 0.995, kMemoryOfSequence = 0.95;
// How many guesses the prior stands for, and the share of all within one sequence.
constexpr double kWeightOfPrior = 2, kWeightOfAll = 3;

template <class Count>
void count_one(Count& c, bool came, double memory) {
  c.came = memory * c.came + (came ? 1 : 0);
  c.all = memory * c.all + 1;
}

}  // namespace

Acceptance::Acceptance(std::span<const double> priors) {
  for (const double prior : priors) counts_.push_back({.prior = prior});
}

double Acceptance::chance(int kind) const {
  const Count& c = counts_[static_cast<std::size_t>(kind)];
  return (c.came + kWeightOfPrior * c.prior) / (c.all + kWeightOfPrior);
}

void Acceptance::record(int kind, bool came) {
  count_one(counts_[static_cast<std::size_t>(kind)], came, kMemoryOfAll);
}

SequenceAcceptance::SequenceAcceptance(Acceptance& all)
    : all_(all), counts_(static_cast<std::size_t>(all.kinds())) {}

double SequenceAcceptance::chance(int kind) const {
  const Count& c = counts_[static_cast<std::size_t>(kind)];
  return (c.came + kWeightOfAll * all_.chance(kind)) / (c.all + kWeightOfAll);
}

void SequenceAcceptance::record(int kind, bool came) {
  count_one(counts_[static_cast<std::size_t>(kind)], came, kMemoryOfSequence);
  all_.record(kind, came);
}

}  // namespace pangu
