// SPDX-License-Identifier: Apache-2.0
// Where a text may stand in a grammar. The rules that are open form a stack; as a grammar may read
// a text in several ways, a place is a set of stacks. Stacks are lists that share their tails, and
// equal stacks and equal sets have one number each, so that a step from set to set is looked up
// once it has been taken: what was walked once is an automaton.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "grammar/machine/program.h"
#include "pangu/grammar.h"

namespace pangu::grammar {

using StackId = std::uint32_t;
using SetId = std::uint32_t;

/// The top of a stack: a state of the rule that is open, its counter, and what goes on when the
/// rule has ended.
struct Stack {
  StateId state;
  std::uint32_t count;
  StackId below;
  bool operator==(const Stack&) const = default;
};

class ParseStates {
 public:
  /// No rule is open. Within a set: the text may end.
  static constexpr StackId kBottom = 0;
  /// The set without members: no text goes on so.
  static constexpr SetId kDead = 0;

  /// The program must outlive it.
  ParseStates(const Program& program, const GrammarLimits& limits);

  /// Before the first byte.
  SetId start();
  /// Behind one more byte. Throws InputError past the limit of ways.
  SetId step(SetId set, std::uint8_t byte) {
    const SetId known = steps_[set * program_.byte_classes + program_.byte_class[byte]];
    return known != kUnknown ? known : take_step(set, byte);
  }
  SetId step(SetId set, std::string_view bytes);

  /// Ascending: kBottom first if it is there, then stacks whose top state reads a byte.
  std::span<const StackId> stacks(SetId set) const { return sets_[set]; }
  bool may_end(SetId set) const { return !sets_[set].empty() && sets_[set][0] == kBottom; }
  const Stack& at(StackId id) const { return stacks_[id]; }
  /// The byte that must come next; nothing where there are several, or where the text may end.
  std::optional<std::uint8_t> only_byte(SetId set) const;

  /// The number of a stack, and of the set of some, whose tops read a byte; duplicates and order do
  /// not matter.
  StackId number(const Stack& stack);
  SetId set_of(std::vector<StackId> members);
  /// Where a stack is from which rules have just been taken off.
  SetId set_behind(StackId id);

  /// Roughly.
  std::size_t bytes() const;

 private:
  static constexpr SetId kUnknown = std::numeric_limits<SetId>::max();

  SetId take_step(SetId set, std::uint8_t byte);
  /// Adds what a stack may be without reading anything to the set that is being made.
  void open(const Stack& stack);
  void open_loop(const Stack& stack, std::uint32_t count);
  void reach(const Stack& stack);
  SetId close();
  void leave_out_higher_counts();
  [[noreturn]] void refuse_ways();

  struct StackHash {
    std::size_t operator()(const Stack& s) const;
  };
  struct SetHash {
    std::size_t operator()(const std::vector<StackId>& members) const;
  };

  const Program& program_;
  std::size_t max_ways_;
  std::vector<Stack> stacks_;
  std::unordered_map<Stack, StackId, StackHash> stack_ids_;
  std::unordered_map<std::vector<StackId>, SetId, SetHash> set_ids_;
  std::vector<std::span<const StackId>> sets_;  ///< keys of set_ids_
  std::vector<SetId> steps_;                    ///< of each set, for each class of bytes
  std::vector<SetId> behind_;                   ///< set_behind() of each stack
  std::size_t members_ = 0;                     ///< of all sets
  // The set that is being made:
  std::vector<Stack> open_;
  std::vector<StackId> made_;
  std::vector<std::uint32_t> reached_;  ///< for each stack: the last set it was reached for
  std::uint32_t making_ = 0;
  std::size_t reached_count_ = 0;
};

}  // namespace pangu::grammar
