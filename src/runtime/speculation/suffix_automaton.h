// SPDX-License-Identifier: Apache-2.0
// All substrings of some texts with their numbers of occurrences, in memory proportional to the
// texts and built a token at a time. A state stands for substrings that end at the same places.
// Source: Blumer et al. 1985, "The smallest automaton recognizing the subwords of a text"
// (Theoretical Computer Science 40).
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "pangu/token.h"

namespace pangu {

class SuffixAutomaton {
 public:
  using State = std::int32_t;
  static constexpr State kNone = -1;
  static constexpr State kEmpty = 0;  ///< of the empty substring

  /// A token that came after the substrings of a state.
  struct Next {
    TokenId token;
    State state;
    std::int32_t count;  ///< how often it came
  };

  SuffixAutomaton() { clear(); }

  /// Adds a token to the current text.
  void push(TokenId token);
  /// Ends the current text; substrings do not run on into the next.
  void end_text() { last_ = kEmpty; }
  void clear();

  /// Tokens pushed since the last clear().
  std::int64_t tokens() const { return tokens_; }
  std::size_t states() const { return states_.size(); }

  /// The longest end of the current text that occurred before, in any text; its length is 0 and its
  /// state kEmpty if none did.
  struct Match {
    State state = kEmpty;
    std::int32_t length = 0;
  };
  Match repeated_end() const;
  /// The longest end of another text that occurs in these texts, given that of the text without its
  /// last token. Over a whole text, a token costs constant time. Where these texts grow meanwhile,
  /// a longer end that only the new ones have is found late.
  Match follow(Match match, TokenId token) const;
  /// A match of follow() with the state that it belongs to after more texts were added.
  Match settled(Match match) const;

  /// What came after the substrings of a state, in no order.
  void continuations(State state, std::vector<Next>& out) const;

 private:
  struct Node {
    State link;           ///< state of the longest end that occurs elsewhere too
    std::int32_t length;  ///< of the state's longest substring
    std::int32_t count;   ///< places where its substrings end
    std::int32_t first_edge;
  };
  struct Edge {
    TokenId token;
    State target;
    std::int32_t next;  ///< the next edge of the same state, or -1
  };

  State target(State state, TokenId token) const;
  void set_edge(State state, TokenId token, State target);
  State add_state(std::int32_t length);
  /// The part of `state` whose substrings have at most `length` tokens, as a state of its own.
  State split(State state, std::int32_t length, State from, TokenId token);
  void count_ends(State state);
  Node& at(State s) { return states_[static_cast<std::size_t>(s)]; }
  const Node& at(State s) const { return states_[static_cast<std::size_t>(s)]; }

  std::vector<Node> states_;
  std::vector<Edge> edges_;
  /// The edges of the empty substring, which has one for every token that occurs.
  std::unordered_map<TokenId, State> first_;
  State last_ = kEmpty;
  std::int64_t tokens_ = 0;
};

}  // namespace pangu
