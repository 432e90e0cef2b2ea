// SPDX-License-Identifier: Apache-2.0
// Expressions are compiled from their ends: each is given the state that follows it. Small rules
// that call no other are put in the place of their calls, so that what is known about a place holds
// for more than a character (token_masks.h).
#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "grammar/machine/program.h"

namespace pangu::grammar {
namespace {

/// Repetitions up to here are written out.
constexpr std::int64_t kUncounted = 4;
/// Rules up to this size are put in the place of their calls.
constexpr std::int64_t kInlinedSize = 48;

class RuleCompiler {
 public:
  RuleCompiler(const RuleSet& rules, RuleId root)
      : rules_(rules), finite_(check_rules(rules, root)) {
    starts_.resize(static_cast<std::size_t>(rules.rules()));
    sizes_.resize(starts_.size());
    program_.states.push_back({.kind = State::Kind::kReturn});
    program_.start = start_of(root);
    while (!waiting_.empty()) {
      const Waiting rule = waiting_.back();
      waiting_.pop_back();
      const StateId entry = compile(rule.body, kReturnState);
      program_.states[rule.start] = {
          .kind = State::Kind::kSplit, .arg = add_targets({entry}), .count = 1};
    }
    sort_bytes();
  }

  Program take() { return std::move(program_); }

 private:
  static constexpr StateId kReturnState = 0;
  struct Waiting {
    StateId start;
    ExprId body;
  };

  StateId add(State state) {
    rules_.budget().spend();
    state.loop = loop_;
    program_.states.push_back(state);
    return static_cast<StateId>(program_.states.size()) - 1;
  }

  std::uint32_t add_targets(const std::vector<StateId>& targets) {
    const auto at = static_cast<std::uint32_t>(program_.targets.size());
    program_.targets.insert(program_.targets.end(), targets.begin(), targets.end());
    return at;
  }

  StateId split(const std::vector<StateId>& targets) {
    if (targets.size() == 1) return targets.front();
    return add({.kind = State::Kind::kSplit,
                .arg = add_targets(targets),
                .count = static_cast<std::uint32_t>(targets.size())});
  }

  StateId bytes(const ByteSet& set, StateId next) {
    const auto [at, is_new] =
        byte_set_ids_.try_emplace(set, static_cast<std::uint32_t>(program_.byte_sets.size()));
    if (is_new) program_.byte_sets.push_back(set);
    return add({.kind = State::Kind::kBytes, .next = next, .arg = at->second});
  }

  StateId byte(unsigned char value, StateId next) {
    ByteSet set;
    set.set(value);
    return bytes(set, next);
  }

  StateId start_of(RuleId rule) {
    std::optional<StateId>& start = starts_[static_cast<std::size_t>(rule)];
    if (!start) start = queue(rules_.body(rule));
    return *start;
  }

  /// The first state of a rule that is compiled later.
  StateId queue(ExprId body) {
    const std::uint32_t loop = std::exchange(loop_, State::kNoLoop);
    const StateId start = split({});
    loop_ = loop;
    waiting_.push_back({start, body});
    return start;
  }

  StateId compile(ExprId id, StateId next) {
    const Expr& e = rules_.expr(id);
    switch (e.kind) {
      case Expr::Kind::kText:
        for (std::size_t i = e.text.size(); i-- > 0;) {
          next = byte(static_cast<unsigned char>(e.text[i]), next);
        }
        return next;
      case Expr::Kind::kCharacters:
        return compile_characters(e.characters, next);
      case Expr::Kind::kChoices:
        return compile_choices(e.choices, next);
      case Expr::Kind::kSequence:
        for (std::size_t i = e.parts.size(); i-- > 0;) next = compile(e.parts[i], next);
        return next;
      case Expr::Kind::kEither: {
        std::vector<StateId> targets;
        for (const ExprId part : e.parts) {
          if (is_finite(part)) targets.push_back(compile(part, next));
        }
        return split(targets);
      }
      case Expr::Kind::kRepeat:
        return compile_repeat(id, next);
      case Expr::Kind::kCall:
        return compile_call(e.rule, next);
    }
    return next;
  }

  /// What no finite text follows leads nowhere: a split without targets.
  StateId compile_call(RuleId rule, StateId next) {
    if (!is_finite(rules_.body(rule))) return split({});
    if (size_of(rule) <= kInlinedSize) return compile(rules_.body(rule), next);
    const StateId start = start_of(rule);
    return add({.kind = State::Kind::kCall, .next = next, .arg = start});
  }

  StateId compile_characters(const CodePointSet& set, StateId next) {
    ByteSet ascii;
    std::vector<StateId> targets;
    // Ends that ranges have in common are compiled once.
    std::map<std::pair<int, StateId>, StateId> ends;
    for (const ByteRanges& r : utf8_ranges(set)) {
      if (r.size == 1) {
        for (unsigned b = r.first[0]; b <= r.last[0]; ++b) ascii.set(b);
        continue;
      }
      StateId at = next;
      for (int i = r.size; i-- > 0;) {
        const auto place = static_cast<std::size_t>(i);
        const auto key = std::pair(r.first[place] << 8 | r.last[place], at);
        const auto known = ends.find(key);
        if (known != ends.end()) {
          at = known->second;
          continue;
        }
        ByteSet range;
        for (unsigned b = r.first[place]; b <= r.last[place]; ++b) range.set(b);
        at = ends[key] = bytes(range, at);
      }
      targets.push_back(at);
    }
    if (ascii.any()) targets.push_back(bytes(ascii, next));
    return split(targets);
  }

  /// As a trie: one way to read what texts have in common.
  StateId compile_choices(std::vector<std::string> texts, StateId next) {
    struct Node {
      std::size_t first, last, depth;
      std::vector<std::pair<unsigned char, std::size_t>> children = {};
    };
    std::sort(texts.begin(), texts.end());
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    std::vector<Node> nodes = {{0, texts.size(), 0}};
    for (std::size_t n = 0; n < nodes.size(); ++n) {
      const std::size_t depth = nodes[n].depth, end = nodes[n].last;
      std::size_t at = nodes[n].first;
      if (at < end && texts[at].size() == depth) ++at;
      while (at < end) {
        const std::size_t from = at;
        while (at < end && texts[at][depth] == texts[from][depth]) ++at;
        nodes[n].children.emplace_back(static_cast<unsigned char>(texts[from][depth]),
                                       nodes.size());
        nodes.push_back({from, at, depth + 1});
        rules_.budget().spend();
      }
    }
    std::vector<StateId> entries(nodes.size());
    for (std::size_t n = nodes.size(); n-- > 0;) {
      std::vector<StateId> targets;
      for (const auto& [value, child] : nodes[n].children) {
        targets.push_back(byte(value, entries[child]));
      }
      const bool ends =
          nodes[n].first < texts.size() && texts[nodes[n].first].size() == nodes[n].depth;
      if (ends) targets.push_back(next);
      entries[n] = split(targets);
    }
    return entries[0];
  }

  StateId compile_repeat(ExprId id, StateId next) {
    const Expr& e = rules_.expr(id);
    const ExprId part = e.parts[0];
    if (!is_finite(part) || e.max == 0) return e.min == 0 || e.max == 0 ? next : split({});
    const bool is_open = e.max == Expr::kNoLimit;
    const std::int64_t most = is_open ? e.min : e.max;
    if (most > kUncounted) return compile_counted(id, next);
    if (is_open) {
      next = compile_star(part, next);
    } else {
      // (part (part (part)?)?)?
      const StateId exit = next;
      for (std::int64_t i = e.min; i < e.max; ++i) next = split({compile(part, next), exit});
    }
    for (std::int64_t i = 0; i < e.min; ++i) next = compile(part, next);
    return next;
  }

  StateId compile_star(ExprId part, StateId next) {
    const StateId again = split({});
    const StateId body = compile(part, again);
    program_.states[again].arg = add_targets({body, next});
    program_.states[again].count = 2;
    return again;
  }

  StateId compile_counted(ExprId id, StateId next) {
    const Expr& e = rules_.expr(id);
    if (loop_ != State::kNoLoop) {
      // One within another becomes a rule.
      const auto [start, is_new] = counted_.try_emplace(id, StateId{0});
      if (is_new) start->second = queue(id);
      return add({.kind = State::Kind::kCall, .next = next, .arg = start->second});
    }
    const auto loop = static_cast<std::uint32_t>(program_.loops.size());
    program_.loops.push_back(
        {.min = static_cast<std::uint32_t>(e.min),
         .max = e.max == Expr::kNoLimit ? CountedLoop::kNoLimit : static_cast<std::uint32_t>(e.max),
         .body = 0,
         .exit = next});
    const StateId enter = add({.kind = State::Kind::kEnter, .arg = loop});
    loop_ = loop;
    const StateId again = add({.kind = State::Kind::kAgain, .arg = loop});
    const StateId body = compile(e.parts[0], again);
    loop_ = State::kNoLoop;
    program_.loops[loop].body = body;
    return enter;
  }

  bool is_finite(ExprId id) const { return finite_[static_cast<std::size_t>(id)]; }

  std::int64_t size_of(RuleId rule) {
    std::optional<std::int64_t>& size = sizes_[static_cast<std::size_t>(rule)];
    if (!size) size = size_of_expr(rules_.body(rule));
    return *size;
  }

  /// About how many states it takes; too many for being put in place of a call where it calls.
  std::int64_t size_of_expr(ExprId id) const {
    rules_.budget().work();
    const Expr& e = rules_.expr(id);
    std::int64_t size = 0;
    for (const ExprId part : e.parts) size += size_of_expr(part);
    switch (e.kind) {
      case Expr::Kind::kText:
        return std::ssize(e.text);
      case Expr::Kind::kCharacters:
        return 2 * std::ssize(e.characters.ranges());
      case Expr::Kind::kChoices:
        for (const std::string& text : e.choices) size += std::ssize(text);
        return size;
      case Expr::Kind::kRepeat:
        if (e.min > kUncounted || e.max > kUncounted) return kInlinedSize + 1;
        return size * std::max<std::int64_t>({e.min, e.max, 1});
      case Expr::Kind::kCall:
        return kInlinedSize + 1;
      default:
        return size;
    }
  }

  /// Classes of bytes, refined by each set.
  void sort_bytes() {
    std::vector<int> of(256, 0);
    int classes = 1;
    for (const ByteSet& set : program_.byte_sets) {
      rules_.budget().work(256);
      std::map<std::pair<int, bool>, int> parts;
      for (std::size_t b = 0; b < 256; ++b) {
        const auto key = std::pair(of[b], set.test(b));
        of[b] = parts.try_emplace(key, static_cast<int>(parts.size())).first->second;
      }
      classes = static_cast<int>(parts.size());
      if (classes == 256) break;
    }
    for (std::size_t b = 0; b < 256; ++b) {
      program_.byte_class[b] = static_cast<std::uint8_t>(of[b]);
    }
    program_.byte_classes = static_cast<std::size_t>(classes);
  }

  const RuleSet& rules_;
  std::vector<bool> finite_;  ///< of each expression
  Program program_;
  std::vector<std::optional<StateId>> starts_;
  std::vector<std::optional<std::int64_t>> sizes_;
  std::vector<Waiting> waiting_;
  std::unordered_map<ExprId, StateId> counted_;
  std::unordered_map<ByteSet, std::uint32_t> byte_set_ids_;
  std::uint32_t loop_ = State::kNoLoop;
};

}  // namespace

Program compile_rules(const RuleSet& rules, RuleId root) {
  return RuleCompiler(rules, root).take();
}

}  // namespace pangu::grammar
