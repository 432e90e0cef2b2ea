// SPDX-License-Identifier: Apache-2.0
// Which tokens may come next at a place in a grammar.
//
// What costs is the walk over the trie of the vocabulary, about a millisecond where most tokens
// fit, as within a string. It is made once for each place in the rule that is open, whatever lies
// below it on the stack: the tokens that fit without ending the rule, and the nodes of the trie at
// which the rule may end. The whole mask is the union of these tokens over all stacks and, for each
// such node, of what goes on from the stack below; these are few, and looked at again for each
// stack. Counted repetitions would make every count a place of its own. But no token of at most
// kLong bytes can tell a count from another one if both are further than that from every bound:
// such counts share one place, and only the few longer tokens are looked at one by one. Source of
// the split by open rule: Dong et al. 2024, "XGrammar" (arXiv:2411.15100), section 3.1.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "grammar/machine/parse_states.h"
#include "grammar/machine/token_trie.h"

namespace pangu::grammar {

class TokenMasks {
 public:
  /// Program and trie must outlive it.
  TokenMasks(const Program& program, const TokenTrie& trie, const GrammarLimits& limits);

  ParseStates& states() { return states_; }

  /// Fills `mask`. Throws as ParseStates::step does.
  void find(SetId set, TokenMask& mask);

  /// Whether it remembers more than the limit allows. It goes on working.
  bool is_full() const;

  /// A set of another one's states, which know the same program, as one of these.
  SetId take_over(const TokenMasks& other, SetId set);

 private:
  /// What is known of a place in the rule that is open.
  struct Place {
    TokenMask fitting;
    std::vector<std::uint32_t> ends;  ///< nodes of the trie at which the rule may end, with more
                                      ///< bytes behind them
  };
  /// Stacks that are the same below the top.
  struct Group {
    StackId below;
    std::vector<StackId> tops;  ///< with nothing below
    bool has_far_count = false;
  };

  const Place& place(SetId local);
  std::vector<Group> groups(SetId set);
  std::uint32_t near_count(const Stack& stack) const;
  /// Adds tokens of the subtree of `node`, which is reached at `set`; tells `end` of the nodes at
  /// which the text may end.
  template <class End>
  void walk(std::uint32_t node, SetId set, TokenMask& mask, End end);
  void look_at_long_tokens(SetId set, TokenMask& mask);
  StackId copy_stack(const TokenMasks& other, StackId id);

  const Program& program_;
  const TokenTrie& trie_;
  std::size_t max_bytes_;
  ParseStates states_;
  std::vector<SetId> path_;  ///< of a walk: the set at each depth
  std::unordered_map<SetId, Place> places_;
  std::unordered_map<SetId, TokenMask> masks_;
  std::size_t place_bytes_ = 0;
};

}  // namespace pangu::grammar
