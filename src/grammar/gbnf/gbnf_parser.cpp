// SPDX-License-Identifier: Apache-2.0
#include "grammar/gbnf/gbnf_parser.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "grammar/regex/character_class.h"
#include "grammar/source_text.h"

namespace pangu::grammar {
namespace {

bool is_name_character(char32_t c) {
  const char32_t lower = c | 0x20;
  return (lower >= U'a' && lower <= U'z') || (c >= U'0' && c <= U'9') || c == U'-' || c == U'_';
}

class GbnfParser {
 public:
  GbnfParser(std::string_view text, RuleSet& rules) : source_(text, "the grammar"), rules_(rules) {}

  RuleId parse() {
    skip_blanks(true);
    while (!source_.at_end()) parse_rule();
    for (const auto& [name, rule] : named_) {
      if (!rules_.is_defined(rule.id)) {
        source_.refuse(rule.used_at, "there is no rule '" + name + "'");
      }
    }
    const auto root = named_.find("root");
    if (root == named_.end()) {
      source_.refuse(source_.offset(), "there is no rule 'root', with which a reply begins");
    }
    return root->second.id;
  }

 private:
  struct NamedRule {
    RuleId id;
    std::size_t used_at;
  };

  /// Blanks and comments; line ends, too, where the expression cannot end.
  void skip_blanks(bool takes_line_ends) {
    for (;;) {
      const char32_t c = source_.peek();
      if (c == U'#') {
        while (!source_.at_end() && source_.peek() != U'\n' && source_.peek() != U'\r') {
          source_.next();
        }
      } else if (c == U' ' || c == U'\t' || (takes_line_ends && (c == U'\n' || c == U'\r'))) {
        source_.next();
      } else {
        return;
      }
    }
  }

  std::string parse_name() {
    std::string name;
    while (is_name_character(source_.peek())) utf8::append(name, source_.next());
    if (name.empty()) source_.refuse(source_.offset(), "the name of a rule was expected");
    return name;
  }

  RuleId rule_named(const std::string& name, std::size_t used_at) {
    const auto [at, is_new] = named_.try_emplace(name, NamedRule{-1, used_at});
    if (is_new) at->second.id = rules_.declare("rule '" + name + "'");
    return at->second.id;
  }

  void parse_rule() {
    const std::size_t at = source_.offset();
    const std::string name = parse_name();
    skip_blanks(false);
    if (!source_.take("::=")) source_.refuse(source_.offset(), "'::=' was expected");
    skip_blanks(true);
    const RuleId rule = rule_named(name, at);
    if (rules_.is_defined(rule)) source_.refuse(at, "rule '" + name + "' is defined twice");
    rules_.define(rule, parse_alternatives(0));
    const char32_t c = source_.peek();
    if (c != U'\n' && c != U'\r' && c != SourceText::kEnd) {
      source_.refuse(source_.offset(), "a part of a rule, '|' or the end of the line was expected");
    }
    skip_blanks(true);
  }

  ExprId parse_alternatives(std::int64_t depth) {
    if (depth > rules_.budget().limits().max_depth) {
      source_.refuse(source_.offset(), "groups nest too deeply");
    }
    std::vector<ExprId> alternatives = {parse_sequence(depth)};
    while (source_.take(U'|')) {
      skip_blanks(true);
      alternatives.push_back(parse_sequence(depth));
    }
    return rules_.either(std::move(alternatives));
  }

  /// Within parentheses lines may end anywhere.
  ExprId parse_sequence(std::int64_t depth) {
    std::vector<ExprId> parts;
    for (;;) {
      const std::optional<ExprId> part = parse_part(depth);
      if (!part) return rules_.sequence(std::move(parts));
      skip_blanks(depth > 0);
      parts.push_back(parse_repetitions(*part));
      skip_blanks(depth > 0);
    }
  }

  std::optional<ExprId> parse_part(std::int64_t depth) {
    const std::size_t at = source_.offset();
    const char32_t c = source_.peek();
    if (is_name_character(c)) return rules_.call(rule_named(parse_name(), at));
    if (source_.take(U'"')) return parse_text(at);
    if (source_.take(U'[')) return rules_.characters(parse_class(at));
    if (source_.take(U'.')) return rules_.characters(CodePointSet::all());
    if (source_.take(U'(')) {
      skip_blanks(true);
      const ExprId inner = parse_alternatives(depth + 1);
      if (!source_.take(U')')) source_.refuse(at, "a '(' has no ')'");
      return inner;
    }
    if (c == U'<' || c == U'!') source_.refuse(at, "tokens in grammars are not supported");
    return std::nullopt;
  }

  ExprId parse_repetitions(ExprId part) {
    for (;;) {
      const std::size_t at = source_.offset();
      std::int64_t min = 0, max = Expr::kNoLimit;
      if (source_.take(U'*')) {
      } else if (source_.take(U'+')) {
        min = 1;
      } else if (source_.take(U'?')) {
        max = 1;
      } else if (source_.take(U'{')) {
        parse_bounds(at, min, max);
      } else {
        return part;
      }
      part = rules_.repeat(part, min, max);
      skip_blanks(false);
    }
  }

  void parse_bounds(std::size_t at, std::int64_t& min, std::int64_t& max) {
    skip_blanks(false);
    bool is_bounded = source_.take_number(min);
    skip_blanks(false);
    if (source_.take(U',')) {
      skip_blanks(false);
      is_bounded = source_.take_number(max) || is_bounded;
      skip_blanks(false);
    } else {
      max = min;
    }
    if (!is_bounded || !source_.take(U'}')) {
      source_.refuse(at, "{N}, {N,}, {,M} or {N,M} was expected");
    }
    if (max != Expr::kNoLimit && max < min) source_.refuse(at, "a repetition ends below its begin");
  }

  char32_t parse_escape(std::size_t at) {
    const char32_t c = source_.next();
    if (c == U'x') return read_hex_escape(source_, 2);
    if (c == U'u') return read_hex_escape(source_, 4);
    if (c == U'U') return read_hex_escape(source_, 8);
    if (c == U'n' || c == U't' || c == U'r') return *control_escape(c);
    if (c == U'\\' || c == U'"' || c == U'[' || c == U']' || c == U'-' || c == U'^') return c;
    source_.refuse(at, "this escape is not known");
  }

  ExprId parse_text(std::size_t at) {
    std::string text;
    while (!source_.take(U'"')) {
      if (source_.at_end()) source_.refuse(at, "a text in quotes does not end");
      const std::size_t from = source_.offset();
      const char32_t c = source_.next();
      utf8::append(text, c == U'\\' ? parse_escape(from) : c);
    }
    return rules_.text(std::move(text));
  }

  CodePointSet parse_class(std::size_t at) {
    const bool is_negated = source_.take(U'^');
    std::vector<CodePointRange> ranges;
    const auto one = [this] {
      const std::size_t from = source_.offset();
      const char32_t c = source_.next();
      return c == U'\\' ? parse_escape(from) : c;
    };
    while (!source_.take(U']')) {
      if (source_.at_end()) source_.refuse(at, "a '[' has no ']'");
      const char32_t first = one();
      ranges.push_back(read_class_range(source_, first, one));
    }
    if (ranges.empty()) source_.refuse(at, "a class has no characters");
    const CodePointSet set(ranges);
    return is_negated ? set.complement() : set;
  }

  SourceText source_;
  RuleSet& rules_;
  std::map<std::string, NamedRule> named_;
};

}  // namespace

RuleId add_gbnf(std::string_view source, RuleSet& rules) {
  return GbnfParser(source, rules).parse();
}

}  // namespace pangu::grammar
