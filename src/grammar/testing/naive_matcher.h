// SPDX-License-Identifier: Apache-2.0
// Decides by trying everything whether rules match a text or may go on from it: plain enough to be
// believed. Rules must not begin with themselves or have parts that match nothing.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "grammar/rules/rule_set.h"

namespace pangu::grammar {

class NaiveMatcher {
 public:
  NaiveMatcher(const RuleSet& rules, RuleId root) : rules_(rules), root_(root) {}

  struct Verdict {
    bool may_go_on = false;  ///< the text is one of the language, or the beginning of one
    bool is_whole = false;   ///< it is one of the language
  };

  Verdict judge(std::string_view text) {
    text_ = text;
    verdict_ = {};
    known_.clear();
    verdict_.is_whole = match(rules_.body(root_), 0).contains(text.size());
    verdict_.may_go_on = verdict_.may_go_on || verdict_.is_whole;
    return verdict_;
  }

 private:
  using Ends = std::set<std::size_t>;

  /// Where matches of an expression end that begin at a place.
  const Ends& match(ExprId id, std::size_t at) {
    const auto known = known_.find({id, at});
    if (known != known_.end()) return known->second;
    Ends ends = find_ends(id, at);
    return known_.emplace(std::pair(id, at), std::move(ends)).first->second;
  }

  Ends find_ends(ExprId id, std::size_t at) {
    const Expr& e = rules_.expr(id);
    Ends ends;
    switch (e.kind) {
      case Expr::Kind::kText:
        match_text(e.text, at, ends);
        break;
      case Expr::Kind::kCharacters:
        match_character(e.characters, at, ends);
        break;
      case Expr::Kind::kChoices:
        for (const std::string& text : e.choices) match_text(text, at, ends);
        break;
      case Expr::Kind::kSequence:
        ends = {at};
        for (const ExprId part : e.parts) ends = behind(part, ends);
        break;
      case Expr::Kind::kEither:
        for (const ExprId part : e.parts) ends.merge(Ends(match(part, at)));
        break;
      case Expr::Kind::kRepeat:
        match_repeat(e, at, ends);
        break;
      case Expr::Kind::kCall:
        return match(rules_.body(e.rule), at);
    }
    return ends;
  }

  Ends behind(ExprId part, const Ends& places) {
    Ends out;
    for (const std::size_t at : places) out.merge(Ends(match(part, at)));
    return out;
  }

  void match_text(std::string_view text, std::size_t at, Ends& ends) {
    const std::string_view rest = text_.substr(at);
    if (rest.starts_with(text)) {
      ends.insert(at + text.size());
    } else if (text.starts_with(rest)) {
      verdict_.may_go_on = true;
    }
  }

  void match_character(const CodePointSet& set, std::size_t at, Ends& ends) {
    const std::string_view rest = text_.substr(at);
    if (rest.empty()) {
      verdict_.may_go_on = verdict_.may_go_on || !set.empty();
      return;
    }
    const auto lead = static_cast<unsigned char>(rest[0]);
    const std::size_t size = lead < 0x80   ? 1
                             : lead < 0xC0 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                                           : 4;
    if (size == 0 || lead > 0xF7) return;
    char32_t low = size == 1 ? lead : lead & (0x7Fu >> size), high = low;
    for (std::size_t i = 1; i < size; ++i) {
      const auto byte = i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0u;
      if (i < rest.size() && (byte & 0xC0) != 0x80) return;
      low = low << 6 | (i < rest.size() ? byte & 0x3F : 0);
      high = high << 6 | (i < rest.size() ? byte & 0x3F : 0x3F);
    }
    constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    low = std::max(low, kLeast[size]);
    if (rest.size() >= size) {
      if (low <= high && set.contains(low)) ends.insert(at + size);
      return;
    }
    for (char32_t c = low; c <= high && !verdict_.may_go_on; ++c) {
      verdict_.may_go_on = set.contains(c);
    }
  }

  void match_repeat(const Expr& e, std::size_t at, Ends& ends) {
    Ends places = {at};
    // Each time reads a byte or changes nothing.
    const auto enough = e.min + std::ssize(text_) + 1;
    for (std::int64_t done = 0; !places.empty() && done <= enough; ++done) {
      if (done >= e.min) ends.insert(places.begin(), places.end());
      if (e.max != Expr::kNoLimit && done == e.max) return;
      places = behind(e.parts[0], places);
    }
  }

  const RuleSet& rules_;
  RuleId root_;
  std::string_view text_;
  Verdict verdict_;
  std::map<std::pair<ExprId, std::size_t>, Ends> known_;
};

}  // namespace pangu::grammar
