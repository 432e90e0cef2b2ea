// SPDX-License-Identifier: Apache-2.0
// A grammar compiled to states over bytes, as a parser runs it: a nondeterministic automaton for
// each rule, with calls between them and counters for repetitions.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <limits>
#include <vector>

#include "grammar/rules/rule_set.h"

namespace pangu::grammar {

using StateId = std::uint32_t;
using ByteSet = std::bitset<256>;

struct State {
  enum class Kind : std::uint8_t {
    kBytes,   ///< reads a byte of byte_sets[arg], then is `next`
    kSplit,   ///< is any of targets[arg ... arg + count)
    kCall,    ///< runs the rule that begins at `arg`, then is `next`
    kEnter,   ///< sets the counter to 0, then is as kLoop
    kAgain,   ///< adds 1 to the counter, then is as kLoop
    kReturn,  ///< ends the rule
  };
  Kind kind;
  StateId next = 0;
  std::uint32_t arg = 0;  ///< of kEnter and kAgain: the loop
  std::uint32_t count = 0;
  std::uint32_t loop = kNoLoop;  ///< the counted loop whose body it belongs to

  static constexpr std::uint32_t kNoLoop = std::numeric_limits<std::uint32_t>::max();
};

/// `body` runs min to max times, counted; then comes `exit`. Loops are not nested within a rule: an
/// inner one becomes a rule of its own. A rule hence has one counter at a time.
struct CountedLoop {
  static constexpr std::uint32_t kNoLimit = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t min, max;
  StateId body, exit;
};

struct Program {
  std::vector<State> states;
  std::vector<StateId> targets;
  std::vector<ByteSet> byte_sets;
  std::vector<CountedLoop> loops;
  StateId start = 0;
  /// Bytes of one class are in the same sets, all of them.
  std::array<std::uint8_t, 256> byte_class = {};
  std::size_t byte_classes = 1;
};

/// Throws InputError for rules that cannot be followed (check_rules) and past the budget.
Program compile_rules(const RuleSet& rules, RuleId root);

}  // namespace pangu::grammar
