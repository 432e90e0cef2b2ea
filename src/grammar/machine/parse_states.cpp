// SPDX-License-Identifier: Apache-2.0
#include "grammar/machine/parse_states.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/error.h"

namespace pangu::grammar {
namespace {

constexpr std::uint64_t kMix = 0x9E3779B97F4A7C15ull;

/// Stacks that read nothing, for each that does.
constexpr std::size_t kWaysOnTheWay = 50;

/// Entries of hash tables beside what they hold.
constexpr std::size_t kTableEntry = 40;

}  // namespace

std::size_t ParseStates::StackHash::operator()(const Stack& s) const {
  std::uint64_t h = (std::uint64_t{s.state} << 32 | s.below) * kMix;
  h = (h ^ (h >> 29) ^ s.count) * kMix;
  return static_cast<std::size_t>(h ^ (h >> 32));
}

std::size_t ParseStates::SetHash::operator()(const std::vector<StackId>& members) const {
  std::uint64_t h = members.size();
  for (const StackId id : members) h = ((h ^ (h >> 31)) + id + 1) * kMix;
  return static_cast<std::size_t>(h ^ (h >> 32));
}

ParseStates::ParseStates(const Program& program, const GrammarLimits& limits)
    : program_(program), max_ways_(static_cast<std::size_t>(limits.max_ways)) {
  stacks_.push_back({0, 0, kBottom});  // stands for no stack, and is never looked up
  reached_.push_back(0);
  behind_.push_back(kUnknown);
  set_of({});
}

SetId ParseStates::start() {
  open({program_.start, 0, kBottom});
  return close();
}

SetId ParseStates::step(SetId set, std::string_view bytes) {
  for (const char c : bytes) {
    set = step(set, static_cast<std::uint8_t>(c));
    if (set == kDead) break;
  }
  return set;
}

SetId ParseStates::set_behind(StackId id) {
  if (behind_[id] == kUnknown) {
    open(stacks_[id]);
    behind_[id] = close();
  }
  return behind_[id];
}

SetId ParseStates::take_step(SetId set, std::uint8_t byte) {
  for (const StackId id : sets_[set]) {
    if (id == kBottom) continue;
    const Stack stack = stacks_[id];
    const State& state = program_.states[stack.state];
    if (!program_.byte_sets[state.arg].test(byte)) continue;
    open({state.next, stack.count, stack.below});
  }
  const SetId next = close();
  steps_[set * program_.byte_classes + program_.byte_class[byte]] = next;
  return next;
}

std::optional<std::uint8_t> ParseStates::only_byte(SetId set) const {
  ByteSet bytes;
  for (const StackId id : sets_[set]) {
    if (id == kBottom) return std::nullopt;
    bytes |= program_.byte_sets[program_.states[stacks_[id].state].arg];
  }
  if (bytes.count() != 1) return std::nullopt;
  std::uint8_t byte = 0;
  while (!bytes[byte]) ++byte;
  return byte;
}

StackId ParseStates::number(const Stack& stack) {
  const auto [at, is_new] = stack_ids_.try_emplace(stack, static_cast<StackId>(stacks_.size()));
  if (is_new) {
    stacks_.push_back(stack);
    reached_.push_back(0);
    behind_.push_back(kUnknown);
  }
  return at->second;
}

SetId ParseStates::set_of(std::vector<StackId> members) {
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  const auto [at, is_new] =
      set_ids_.try_emplace(std::move(members), static_cast<SetId>(sets_.size()));
  if (is_new) {
    sets_.emplace_back(at->first);
    members_ += at->first.size();
    // Nothing goes on from the set without members.
    const SetId step = at->first.empty() ? kDead : kUnknown;
    steps_.resize(sets_.size() * program_.byte_classes, step);
  }
  return at->second;
}

void ParseStates::refuse_ways() {
  open_.clear();
  made_.clear();
  ++making_;
  reached_count_ = 0;
  fail<InputError>(
      "[grammar] it is too ambiguous: there are more than {} ways to read what was written. A "
      "grammar that is clearer about what comes next was expected.",
      max_ways_);
}

void ParseStates::reach(const Stack& stack) {
  const StackId id = number(stack);
  if (reached_[id] == making_ + 1) return;
  reached_[id] = making_ + 1;
  if (++reached_count_ > kWaysOnTheWay * max_ways_) refuse_ways();
  open_.push_back(stack);
}

void ParseStates::open_loop(const Stack& stack, std::uint32_t count) {
  const CountedLoop& loop = program_.loops[program_.states[stack.state].arg];
  // Past the minimum of a loop without limit there is nothing to count.
  if (loop.max == CountedLoop::kNoLimit) count = std::min(count, loop.min);
  if (count < loop.max) reach({loop.body, count, stack.below});
  if (count >= loop.min) reach({loop.exit, 0, stack.below});
}

void ParseStates::open(const Stack& stack) {
  reach(stack);
  while (!open_.empty()) {
    const Stack s = open_.back();
    open_.pop_back();
    const State& state = program_.states[s.state];
    switch (state.kind) {
      case State::Kind::kBytes:
        made_.push_back(number(s));
        break;
      case State::Kind::kSplit:
        for (std::uint32_t i = 0; i < state.count; ++i) {
          reach({program_.targets[state.arg + i], s.count, s.below});
        }
        break;
      case State::Kind::kCall: {
        // A rule that ends with the call needs nothing to come back to.
        const bool is_last = program_.states[state.next].kind == State::Kind::kReturn;
        const StackId below = is_last ? s.below : number({state.next, s.count, s.below});
        reach({state.arg, 0, below});
        break;
      }
      case State::Kind::kEnter:
        open_loop(s, 0);
        break;
      case State::Kind::kAgain:
        open_loop(s, s.count + 1);
        break;
      case State::Kind::kReturn:
        if (s.below == kBottom) {
          made_.push_back(kBottom);  // once: nothing is reached twice
        } else {
          reach(stacks_[s.below]);
        }
        break;
    }
  }
}

/// Behind the minimum of a loop, whoever has counted less can do all that who has counted more can:
/// the others are left out, or a loop over words that run into each other would count every way to
/// part them.
void ParseStates::leave_out_higher_counts() {
  const auto place = [this](StackId id) {
    return std::tuple(stacks_[id].state, stacks_[id].below, stacks_[id].count);
  };
  std::sort(made_.begin(), made_.end(), [&](StackId a, StackId b) { return place(a) < place(b); });
  std::size_t kept = 0;
  for (const StackId id : made_) {
    const Stack& s = stacks_[id];
    const std::uint32_t loop = id == kBottom ? State::kNoLoop : program_.states[s.state].loop;
    if (loop != State::kNoLoop && kept > 0) {
      const Stack& last = stacks_[made_[kept - 1]];
      const bool is_higher = made_[kept - 1] != kBottom && last.state == s.state &&
                             last.below == s.below && last.count >= program_.loops[loop].min;
      if (is_higher) continue;
    }
    made_[kept++] = id;
  }
  made_.resize(kept);
}

SetId ParseStates::close() {
  if (made_.size() > 1) leave_out_higher_counts();
  if (made_.size() > max_ways_) refuse_ways();
  ++making_;
  reached_count_ = 0;
  return set_of(std::exchange(made_, {}));
}

std::size_t ParseStates::bytes() const {
  return stacks_.size() * (2 * sizeof(Stack) + kTableEntry + 8) +
         sets_.size() *
             (sizeof(decltype(sets_)::value_type) + sizeof(std::vector<StackId>) + kTableEntry) +
         members_ * sizeof(StackId) + steps_.size() * sizeof(SetId);
}

}  // namespace pangu::grammar
