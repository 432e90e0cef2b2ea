// SPDX-License-Identifier: Apache-2.0
#include "grammar/schema/json_characters.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

namespace pangu::grammar {
namespace {

/// What cannot stand within quotes as it is.
const CodePointSet& escaped_characters() {
  static const CodePointSet set({{0, 0x1F}, {U'"', U'"'}, {U'\\', U'\\'}});
  return set;
}

std::string escape_of(char32_t c) {
  switch (c) {
    case U'"':
      return "\\\"";
    case U'\\':
      return "\\\\";
    case U'\b':
      return "\\b";
    case U'\f':
      return "\\f";
    case U'\n':
      return "\\n";
    case U'\r':
      return "\\r";
    case U'\t':
      return "\\t";
    default:
      return fmt::format("\\u{:04x}", static_cast<unsigned>(c));
  }
}

}  // namespace

ExprId json_characters(RuleSet& rules, const CodePointSet& set) {
  std::vector<ExprId> either;
  const CodePointSet plain = set.without(escaped_characters());
  if (!plain.empty()) either.push_back(rules.characters(plain));
  std::vector<std::string> escapes;
  for (const CodePointRange& r : escaped_characters().ranges()) {
    for (char32_t c = r.first; c <= r.last; ++c) {
      if (set.contains(c)) escapes.push_back(escape_of(c));
    }
  }
  if (!escapes.empty()) either.push_back(rules.choices(std::move(escapes)));
  return rules.either(std::move(either));
}

ExprId any_json_character(RuleSet& rules) {
  const auto hex = [&rules](std::string_view of) { return rules.characters(CodePointSet::of(of)); };
  constexpr std::string_view kHex = "0123456789abcdefABCDEF", kNotD = "0123456789abcefABCEF";
  const ExprId any = hex(kHex), d = hex("dD");
  const ExprId low = rules.sequence({rules.text("\\u"), d, hex("cdefCDEF"), any, any});
  const ExprId unit = rules.either({rules.sequence({hex(kNotD), any, any, any}),
                                    rules.sequence({d, hex("01234567"), any, any}),
                                    rules.sequence({d, hex("89abAB"), any, any, low})});
  return rules.either(
      {rules.characters(escaped_characters().complement()),
       rules.sequence({rules.text("\\"), rules.characters(CodePointSet::of("\"\\/bfnrt"))}),
       rules.sequence({rules.text("\\u"), unit})});
}

std::string json_string_text(std::string_view text) {
  return nlohmann::json(text).dump();
}

}  // namespace pangu::grammar
