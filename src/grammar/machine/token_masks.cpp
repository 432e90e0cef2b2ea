// SPDX-License-Identifier: Apache-2.0
#include "grammar/machine/token_masks.h"

#include <algorithm>

namespace pangu::grammar {

TokenMasks::TokenMasks(const Program& program, const TokenTrie& trie, const GrammarLimits& limits)
    : program_(program),
      trie_(trie),
      max_bytes_(limits.cache_bytes),
      states_(program, limits),
      path_(std::size_t{trie.max_depth()} + 1) {}

void TokenMasks::find(SetId set, TokenMask& mask) {
  const auto known = masks_.find(set);
  if (known != masks_.end()) {
    mask = known->second;
    return;
  }
  mask.assign((static_cast<std::size_t>(trie_.vocab_size()) + 63) / 64, 0);
  bool has_far_count = false;
  for (const Group& group : groups(set)) {
    const Place& here = place(states_.set_of(group.tops));
    for (std::size_t w = 0; w < mask.size(); ++w) mask[w] |= here.fitting[w];
    has_far_count = has_far_count || group.has_far_count;
    if (group.below == ParseStates::kBottom) continue;
    const SetId behind = states_.set_behind(group.below);
    for (const std::uint32_t node : here.ends) {
      walk(node, behind, mask, [](std::uint32_t) {});
    }
  }
  if (has_far_count) look_at_long_tokens(set, mask);
  // Counters make places that do not come again: masks take no more than a quarter of the room.
  if ((masks_.size() + 1) * mask.size() * sizeof(mask[0]) > max_bytes_ / 4) masks_.clear();
  masks_.emplace(set, mask);
}

std::vector<TokenMasks::Group> TokenMasks::groups(SetId set) {
  std::vector<Group> out;
  std::unordered_map<StackId, std::size_t> at;
  for (const StackId id : states_.stacks(set)) {
    if (id == ParseStates::kBottom) continue;
    Stack top = states_.at(id);
    const auto [group, is_new] = at.try_emplace(top.below, out.size());
    if (is_new) out.push_back({top.below, {}});
    const std::uint32_t count = near_count(top);
    out[group->second].has_far_count = out[group->second].has_far_count || count != top.count;
    top.count = count;
    top.below = ParseStates::kBottom;
    out[group->second].tops.push_back(states_.number(top));
  }
  return out;
}

/// The count that stands for all that no token of kLong bytes tells from this one. An iteration
/// reads a byte or more, for those that read nothing change no count that matters: they end at
/// once.
std::uint32_t TokenMasks::near_count(const Stack& stack) const {
  const std::uint32_t index = program_.states[stack.state].loop;
  if (index == State::kNoLoop) return stack.count;
  const CountedLoop& loop = program_.loops[index];
  constexpr std::uint32_t kFar = TokenTrie::kLong + 1;
  if (stack.count < loop.min) return loop.min - stack.count > kFar ? 0 : stack.count;
  const bool is_far = loop.max != CountedLoop::kNoLimit && loop.max - stack.count > kFar;
  return is_far ? loop.min : stack.count;
}

const TokenMasks::Place& TokenMasks::place(SetId local) {
  const auto known = places_.find(local);
  if (known != places_.end()) return known->second;
  Place place;
  place.fitting.assign((static_cast<std::size_t>(trie_.vocab_size()) + 63) / 64, 0);
  walk(0, local, place.fitting, [&](std::uint32_t node) {
    if (trie_.node(node).end > node + 1) place.ends.push_back(node);
  });
  place_bytes_ += (place.fitting.size() + 8) * sizeof(std::uint64_t) +
                  place.ends.capacity() * sizeof(std::uint32_t);
  return places_.emplace(local, std::move(place)).first->second;
}

template <class End>
void TokenMasks::walk(std::uint32_t node, SetId set, TokenMask& mask, End end) {
  if (set == ParseStates::kDead) return;
  path_[trie_.node(node).depth] = set;
  const std::uint32_t last = trie_.node(node).end;
  for (std::uint32_t i = node + 1; i < last;) {
    const TokenTrie::Node& at = trie_.node(i);
    const SetId next = states_.step(path_[at.depth - 1], at.byte);
    if (next == ParseStates::kDead) {
      i = at.end;
      continue;
    }
    path_[at.depth] = next;
    for (const TokenId id : trie_.tokens(i)) add_token(mask, id);
    if (states_.may_end(next)) end(i);
    ++i;
  }
}

void TokenMasks::look_at_long_tokens(SetId set, TokenMask& mask) {
  for (const std::uint32_t node : trie_.long_nodes()) {
    const auto tokens = trie_.tokens(node);
    const bool fits = states_.step(set, trie_.bytes(tokens.front())) != ParseStates::kDead;
    for (const TokenId id : tokens) {
      if (fits) {
        add_token(mask, id);
      } else {
        remove_token(mask, id);
      }
    }
  }
}

bool TokenMasks::is_full() const {
  return place_bytes_ + states_.bytes() > max_bytes_ - max_bytes_ / 4;
}

SetId TokenMasks::take_over(const TokenMasks& other, SetId set) {
  std::vector<StackId> members;
  for (const StackId id : other.states_.stacks(set)) members.push_back(copy_stack(other, id));
  return states_.set_of(std::move(members));
}

StackId TokenMasks::copy_stack(const TokenMasks& other, StackId id) {
  std::vector<Stack> from_top;
  for (; id != ParseStates::kBottom; id = from_top.back().below) {
    from_top.push_back(other.states_.at(id));
  }
  StackId below = ParseStates::kBottom;
  for (std::size_t i = from_top.size(); i-- > 0;) {
    below = states_.number({from_top[i].state, from_top[i].count, below});
  }
  return below;
}

}  // namespace pangu::grammar
