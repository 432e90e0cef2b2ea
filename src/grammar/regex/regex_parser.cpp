// SPDX-License-Identifier: Apache-2.0
// By recursive descent, straight to rules: what is built is matched in linear time, whatever it is.
#include "grammar/regex/regex_parser.h"

#include <utility>
#include <vector>

#include "grammar/regex/character_class.h"
#include "grammar/schema/json_characters.h"
#include "grammar/source_text.h"

namespace pangu::grammar {
namespace {

/// Punctuation that may stand behind a backslash for itself.
bool is_punctuation(char32_t c) {
  return c > U' ' && c < 0x7F && !(c >= U'0' && c <= U'9') &&
         !((c | 0x20) >= U'a' && (c | 0x20) <= U'z');
}

class RegexParser {
 public:
  RegexParser(std::string_view expression, std::string_view what, RuleSet& rules,
              RegexSpelling spelling, RegexMatch match)
      : source_(expression, what), rules_(rules), spelling_(spelling), match_(match) {}

  ExprId parse() {
    const ExprId all = parse_alternatives(0);
    if (!source_.at_end()) source_.refuse(source_.offset(), "a ')' has no '('");
    return all;
  }

 private:
  ExprId characters(const CodePointSet& set) {
    return spelling_ == RegexSpelling::kPlain ? rules_.characters(set)
                                              : json_characters(rules_, set);
  }

  ExprId anything() { return rules_.repeat(characters(CodePointSet::all()), 0); }

  ExprId parse_alternatives(std::int64_t depth) {
    if (depth > rules_.budget().limits().max_depth) {
      source_.refuse(source_.offset(), "groups nest too deeply");
    }
    std::vector<ExprId> alternatives;
    do {
      alternatives.push_back(parse_alternative(depth));
    } while (source_.take(U'|'));
    return rules_.either(std::move(alternatives));
  }

  ExprId parse_alternative(std::int64_t depth) {
    const bool may_go_beyond = match_ == RegexMatch::kAnywhere && depth == 0;
    std::vector<ExprId> parts;
    const bool from_begin = depth == 0 && source_.take(U'^');
    if (may_go_beyond && !from_begin) parts.push_back(anything());
    bool to_end = false;
    for (;;) {
      const char32_t c = source_.peek();
      if (c == SourceText::kEnd || c == U'|' || c == U')') break;
      const char32_t behind = source_.peek(1);
      if (c == U'$' && depth == 0 && (behind == SourceText::kEnd || behind == U'|')) {
        source_.next();
        to_end = true;
        break;
      }
      parts.push_back(parse_repeated(depth));
    }
    if (may_go_beyond && !to_end) parts.push_back(anything());
    return rules_.sequence(std::move(parts));
  }

  ExprId parse_repeated(std::int64_t depth) {
    ExprId atom = parse_atom(depth);
    std::int64_t min = 0, max = Expr::kNoLimit;
    const std::size_t at = source_.offset();
    if (!parse_quantifier(min, max)) return atom;
    if (source_.peek() == U'+') {
      source_.refuse(source_.offset(), "possessive repetitions are not supported");
    }
    source_.take(U'?');  // how a match is looked for makes no difference to what matches
    const char32_t again = source_.peek();
    if (again == U'*' || again == U'+' || again == U'?' || again == U'{') {
      source_.refuse(source_.offset(), "there is nothing to repeat");
    }
    if (max != Expr::kNoLimit && max < min) source_.refuse(at, "a repetition ends below its begin");
    return rules_.repeat(atom, min, max);
  }

  bool parse_quantifier(std::int64_t& min, std::int64_t& max) {
    if (source_.take(U'*')) return true;
    if (source_.take(U'+')) {
      min = 1;
      return true;
    }
    if (source_.take(U'?')) {
      max = 1;
      return true;
    }
    const std::size_t at = source_.offset();
    if (!source_.take(U'{')) return false;
    const bool is_counted = source_.take_number(min);
    if (is_counted && !source_.take(U',')) max = min;
    if (is_counted && max != min) source_.take_number(max);
    if (!is_counted || !source_.take(U'}')) {
      source_.refuse(at, "{N}, {N,} or {N,M} was expected; \\{ is the character");
    }
    return true;
  }

  ExprId parse_atom(std::int64_t depth) {
    const std::size_t at = source_.offset();
    const char32_t c = source_.next();
    switch (c) {
      case U'(':
        return parse_group(at, depth);
      case U'[':
        return characters(parse_class(at));
      case U'.':
        return characters(
            CodePointSet({{U'\n', U'\n'}, {U'\r', U'\r'}, {0x2028, 0x2029}}).complement());
      case U'\\':
        return characters(parse_escape(at));
      case U'^':
      case U'$':
        source_.refuse(at,
                       "^ and $ are supported at the two ends of the expression and of its "
                       "alternatives alone");
      case U'*':
      case U'+':
      case U'?':
      case U'{':
        source_.refuse(at, "there is nothing to repeat");
      default:
        return characters(CodePointSet::one(c));
    }
  }

  ExprId parse_group(std::size_t at, std::int64_t depth) {
    if (source_.take(U'?')) {
      const bool is_named = source_.take("P<") || source_.peek() == U'<';
      if (source_.take("<=") || source_.take("<!") || source_.take(U'=') || source_.take(U'!')) {
        source_.refuse(at, "looking ahead or behind is not supported");
      }
      if (is_named) {
        source_.take(U'<');
        while (!source_.at_end() && source_.peek() != U'>') source_.next();
        if (!source_.take(U'>')) source_.refuse(at, "the name of a group does not end");
      } else if (!source_.take(U':')) {
        source_.refuse(at,
                       "flags and kinds of groups other than (?: and (?<name> are not supported");
      }
    }
    const ExprId inner = parse_alternatives(depth + 1);
    if (!source_.take(U')')) source_.refuse(at, "a '(' has no ')'");
    return inner;
  }

  /// What stands behind a backslash, outside brackets or within.
  CodePointSet parse_escape(std::size_t at, bool in_class = false) {
    const char32_t c = source_.next();
    if (const auto set = shorthand_class(c)) return *set;
    if (const auto control = control_escape(c)) return CodePointSet::one(*control);
    if (c == U'x') return CodePointSet::one(read_hex_escape(source_, 2));
    if (c == U'u' && source_.peek() == U'{') return parse_braced_escape(at);
    if (c == U'u') return CodePointSet::one(read_hex_escape(source_, 4));
    if (is_punctuation(c)) return CodePointSet::one(c);
    if (in_class && c == U'b') return CodePointSet::one(U'\b');
    if (c == U'b' || c == U'B' || c == U'A' || c == U'z' || c == U'Z') {
      source_.refuse(at, "borders of words and of the text are not supported");
    }
    if ((c >= U'1' && c <= U'9') || c == U'k') {
      source_.refuse(at, "references to groups are not supported");
    }
    if (c == U'p' || c == U'P') {
      source_.refuse(at, "properties of Unicode are not supported");
    }
    source_.refuse(at, "this escape is not supported");
  }

  CodePointSet parse_braced_escape(std::size_t at) {
    source_.take(U'{');
    int digits = 0;
    while (digits < 9 && source_.peek(static_cast<std::size_t>(digits)) != U'}') ++digits;
    if (digits < 1 || digits > 8) source_.refuse(at, "\\u{...} takes one to eight digits");
    const char32_t c = read_hex_escape(source_, digits);
    source_.take(U'}');
    return CodePointSet::one(c);
  }

  CodePointSet parse_class(std::size_t at) {
    const bool is_negated = source_.take(U'^');
    std::vector<CodePointRange> ranges;
    while (!source_.take(U']')) {
      if (source_.at_end()) source_.refuse(at, "a '[' has no ']'");
      if (source_.peek() == U'[' && source_.peek(1) == U':') {
        source_.refuse(source_.offset(), "named classes of characters are not supported");
      }
      add_class_item(ranges);
    }
    if (ranges.empty()) source_.refuse(at, "a class has no characters");
    const CodePointSet set(ranges);
    return is_negated ? set.complement() : set;
  }

  void add_class_item(std::vector<CodePointRange>& ranges) {
    const CodePointSet item = class_item();
    if (item.ranges().size() != 1 || item.ranges()[0].first != item.ranges()[0].last) {
      ranges.insert(ranges.end(), item.ranges().begin(), item.ranges().end());
      return;
    }
    ranges.push_back(read_class_range(source_, item.ranges()[0].first, [this] {
      const std::size_t from = source_.offset();
      const CodePointSet last = class_item();
      if (last.ranges().size() != 1 || last.ranges()[0].first != last.ranges()[0].last) {
        source_.refuse(from, "a range of characters ends with a class");
      }
      return last.ranges()[0].first;
    }));
  }

  CodePointSet class_item() {
    const std::size_t at = source_.offset();
    const char32_t c = source_.next();
    return c == U'\\' ? parse_escape(at, true) : CodePointSet::one(c);
  }

  SourceText source_;
  RuleSet& rules_;
  RegexSpelling spelling_;
  RegexMatch match_;
};

}  // namespace

ExprId add_regex(std::string_view expression, RuleSet& rules, RegexSpelling spelling,
                 RegexMatch match, std::string_view what) {
  return RegexParser(expression, what, rules, spelling, match).parse();
}

}  // namespace pangu::grammar
