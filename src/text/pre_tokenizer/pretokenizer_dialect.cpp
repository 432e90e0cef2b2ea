// SPDX-License-Identifier: Apache-2.0
#include "text/pre_tokenizer/pretokenizer_dialect.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "text/tokenizer/tokenizer_unicode.h"

namespace pangu::text {
namespace {

// Members of a class. Each begins and ends with a property, so that a hyphen beside the escape it
// stands for stays a hyphen and makes no range.
constexpr std::string_view kSpace = R"(\p{Zs}\t-\r\x{85}\p{Z})";
constexpr std::string_view kNoSpace =
    R"(\p{L}\x{0}-\x{8}\x{E}-\x{1F}!-\x{84}\x{86}-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF})"
    R"(\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{10FFFF}\p{L})";
// Alphabetic, which PCRE2 knows by name from 10.40 on only: letters, letter numbers, and letters in
// circles and squares; the rest of it are marks.
constexpr std::string_view kWord =
    R"(\p{L}\p{M}\p{Nd}\p{Nl}\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}\x{1F150}-\x{1F169})"
    R"(\x{1F170}-\x{1F189}\p{Pc})";
constexpr std::string_view kHex = "0-9a-fA-F";
constexpr std::string_view kNoHex = R"(\x{0}-/:-@G-`g-\x{10FFFF})";

/// Everything that kWord is not, as ranges: PCRE2 has no other way to add it to a class.
const std::string& no_word() {
  static const std::string ranges = [] {
    constexpr char32_t kCodePoints = 0x110000;
    std::string out = R"(\p{Zs})";
    for (char32_t begin = 0; begin < kCodePoints;) {
      char32_t end = begin;
      while (end < kCodePoints && !is_word_letter(end)) ++end;
      if (end > begin) {
        out += fmt::format("\\x{{{:X}}}-\\x{{{:X}}}", static_cast<std::uint32_t>(begin),
                           static_cast<std::uint32_t>(end - 1));
      }
      begin = end;
      while (begin < kCodePoints && is_word_letter(begin)) ++begin;
    }
    return out + R"(\p{Zs})";
  }();
  return ranges;
}

/// The members of the class that `\c` stands for; empty if it stands for none of these.
std::string_view class_members(char c) {
  switch (c) {
    case 's':
      return kSpace;
    case 'S':
      return kNoSpace;
    case 'w':
      return kWord;
    case 'W':
      return no_word();
    case 'h':
      return kHex;
    case 'H':
      return kNoHex;
    default:
      return {};
  }
}

std::string word_boundary(bool negated) {
  const std::string before = fmt::format("(?<=[{}])", kWord),
                    behind = fmt::format("(?=[{}])", kWord);
  const std::string not_before = fmt::format("(?<![{}])", kWord),
                    not_behind = fmt::format("(?![{}])", kWord);
  return negated ? "(?:" + before + behind + "|" + not_before + not_behind + ")"
                 : "(?:" + before + not_behind + "|" + not_before + behind + ")";
}

class PatternTranslator {
 public:
  PatternTranslator(std::string_view pattern, const std::string& file)
      : pattern_(pattern), file_(file) {}

  std::string run() {
    while (at_ < pattern_.size()) {
      const std::string_view rest = pattern_.substr(at_);
      if (rest[0] == '\\' && rest.size() > 1) {
        escape();
      } else if (rest[0] == '[') {
        character_class();
      } else if (rest.starts_with("(?#")) {
        take(std::min(rest.size(), rest.find(')')));
      } else if (rest.starts_with("{,")) {
        out_ += "{0,";
        at_ += 2;
      } else {
        take(1);
      }
    }
    return std::move(out_);
  }

 private:
  void take(std::size_t bytes) {
    out_ += pattern_.substr(at_, bytes);
    at_ += bytes;
  }

  void escape() {
    const char c = pattern_[at_ + 1];
    // A negated class of the members is shorter than the members of the negation.
    const bool negated = c == 'S' || c == 'W' || c == 'H';
    if (c == 'b' || c == 'B') {
      out_ += word_boundary(c == 'B');
    } else if (negated) {
      out_ += fmt::format("[^{}]", class_members(static_cast<char>(c - 'A' + 'a')));
    } else if (const auto members = class_members(c); !members.empty()) {
      out_ += fmt::format("[{}]", members);
    } else {
      return take(2);
    }
    at_ += 2;
  }

  void character_class() {
    take(1);
    if (next_is("^")) take(1);
    if (next_is("]")) take(1);  // in first place it is a member
    while (at_ < pattern_.size() && !next_is("]")) {
      if (next_is("[:")) {
        const std::size_t end = pattern_.find(":]", at_ + 2);
        take(end == std::string_view::npos ? 1 : end + 2 - at_);
      } else if (next_is("[")) {
        refuse("a class in a class; write the bracket as \\[ if it is meant itself");
      } else if (next_is("&&")) {
        refuse("a class intersection (&&)");
      } else if (next_is("\\") && at_ + 1 < pattern_.size()) {
        class_escape();
      } else {
        take(1);
      }
    }
    take(1);
  }

  void class_escape() {
    const std::string_view members = class_members(pattern_[at_ + 1]);
    if (members.empty()) return take(2);
    out_ += members;
    at_ += 2;
  }

  bool next_is(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }

  [[noreturn]] void refuse(std::string_view what) const {
    fail<Unsupported>(
        "[tokenizer] {}: the regular expression '{}' has, at byte {}, {}. This is not supported.",
        file_, shown_pattern(pattern_), at_, what);
  }

  std::string_view pattern_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string to_pcre2(std::string_view pattern, const std::string& file) {
  // From the end of the last match, or where a run of spaces begins: a later place in the run would
  // find the same ends. Tried at every place, a long run takes quadratic time.
  if (pattern == R"(\s+$)") pattern = R"((?:\G|(?<!\s))\s+$)";
  return PatternTranslator(pattern, file).run();
}

std::string shown_pattern(std::string_view pattern) {
  return clipped(pattern, 120);
}

}  // namespace pangu::text
