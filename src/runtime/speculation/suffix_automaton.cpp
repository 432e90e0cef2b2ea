// SPDX-License-Identifier: Apache-2.0
#include "runtime/speculation/suffix_automaton.h"

namespace pangu {
namespace {

/// Ends of a text that a new token is counted for. A text that repeats one token has as many as it
/// has tokens; counts of its short ends may be a little low.
constexpr int kCountedEnds = 64;

}  // namespace

void SuffixAutomaton::clear() {
  states_.assign(1, {.link = kNone, .length = 0, .count = 0, .first_edge = -1});
  edges_.clear();
  first_.clear();
  last_ = kEmpty;
  tokens_ = 0;
}

SuffixAutomaton::State SuffixAutomaton::target(State state, TokenId token) const {
  if (state == kEmpty) {
    const auto found = first_.find(token);
    return found == first_.end() ? kNone : found->second;
  }
  for (std::int32_t e = at(state).first_edge; e >= 0;
       e = edges_[static_cast<std::size_t>(e)].next) {
    const Edge& edge = edges_[static_cast<std::size_t>(e)];
    if (edge.token == token) return edge.target;
  }
  return kNone;
}

void SuffixAutomaton::set_edge(State state, TokenId token, State target) {
  if (state == kEmpty) {
    first_[token] = target;
    return;
  }
  for (std::int32_t e = at(state).first_edge; e >= 0;
       e = edges_[static_cast<std::size_t>(e)].next) {
    Edge& edge = edges_[static_cast<std::size_t>(e)];
    if (edge.token == token) {
      edge.target = target;
      return;
    }
  }
  edges_.push_back({.token = token, .target = target, .next = at(state).first_edge});
  at(state).first_edge = static_cast<std::int32_t>(edges_.size()) - 1;
}

SuffixAutomaton::State SuffixAutomaton::add_state(std::int32_t length) {
  states_.push_back({.link = kEmpty, .length = length, .count = 0, .first_edge = -1});
  return static_cast<State>(states_.size()) - 1;
}

SuffixAutomaton::State SuffixAutomaton::split(State state, std::int32_t length, State from,
                                              TokenId token) {
  const State shorter = add_state(length);
  at(shorter).link = at(state).link;
  at(shorter).count = at(state).count;
  for (std::int32_t e = at(state).first_edge; e >= 0;) {
    const Edge edge = edges_[static_cast<std::size_t>(e)];
    set_edge(shorter, edge.token, edge.target);
    e = edge.next;
  }
  for (; from != kNone && target(from, token) == state; from = at(from).link) {
    set_edge(from, token, shorter);
  }
  at(state).link = shorter;
  return shorter;
}

void SuffixAutomaton::count_ends(State state) {
  for (int i = 0; i < kCountedEnds && state != kEmpty; ++i, state = at(state).link) {
    ++at(state).count;
  }
}

void SuffixAutomaton::push(TokenId token) {
  ++tokens_;
  const std::int32_t length = at(last_).length + 1;
  State from = last_;
  // Where an earlier text has the whole of this one, its states serve.
  const State known = target(last_, token);
  if (known != kNone) {
    last_ = at(known).length == length ? known : split(known, length, from, token);
    count_ends(last_);
    return;
  }
  const State added = add_state(length);
  for (; from != kNone && target(from, token) == kNone; from = at(from).link) {
    set_edge(from, token, added);
  }
  if (from != kNone) {
    const State next = target(from, token);
    const std::int32_t shared = at(from).length + 1;
    at(added).link = at(next).length == shared ? next : split(next, shared, from, token);
  }
  last_ = added;
  count_ends(last_);
}

SuffixAutomaton::Match SuffixAutomaton::repeated_end() const {
  // A whole text that stood in an earlier one occurred before, but so far counts as one state.
  State state = last_;
  while (state != kEmpty && at(state).count < 2) state = at(state).link;
  return {.state = state, .length = at(state).length};
}

SuffixAutomaton::Match SuffixAutomaton::settled(Match match) const {
  while (match.state != kEmpty && at(at(match.state).link).length >= match.length) {
    match.state = at(match.state).link;
  }
  return match;
}

SuffixAutomaton::Match SuffixAutomaton::follow(Match match, TokenId token) const {
  match = settled(match);
  for (;;) {
    const State next = target(match.state, token);
    if (next != kNone) return {.state = next, .length = match.length + 1};
    if (match.state == kEmpty) return {};
    match.state = at(match.state).link;
    match.length = at(match.state).length;
  }
}

void SuffixAutomaton::continuations(State state, std::vector<Next>& out) const {
  out.clear();
  const auto add = [&](TokenId token, State target) {
    out.push_back({.token = token, .state = target, .count = at(target).count});
  };
  if (state == kEmpty) {
    for (const auto& [token, target] : first_) add(token, target);
    return;
  }
  for (std::int32_t e = at(state).first_edge; e >= 0;
       e = edges_[static_cast<std::size_t>(e)].next) {
    const Edge& edge = edges_[static_cast<std::size_t>(e)];
    add(edge.token, edge.target);
  }
}

}  // namespace pangu
