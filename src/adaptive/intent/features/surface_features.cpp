// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

#include "adaptive/intent/features/cue_words.h"
#include "adaptive/intent/features/text_features.h"
#include "adaptive/intent/features/text_units.h"
#include "base/utf8.h"

namespace pangu::adaptive {
namespace {

constexpr std::u32string_view kCodeSigns = U"(){}[];=<>_#&|";
constexpr std::u32string_view kMathSigns = U"+-*/=^%$\\×÷≤≥√π∑∫°";
constexpr std::u32string_view kQuotes = U"\"'`“”‘’「」《》";

bool is_one_of(std::u32string_view signs, char32_t c) {
  return signs.find(c) != std::u32string_view::npos;
}

/// Words of programming languages that seldom stand in sentences.
bool is_code_word(std::string_view word) {
  static const std::set<std::string_view> kCodeWords = {
      "def",     "return",  "import",  "elif",   "lambda",  "const", "var",     "void", "int",
      "str",     "printf",  "struct",  "assert", "await",   "async", "enum",    "bool", "foreach",
      "println", "console", "nullptr", "stdio",  "println", "sql",   "varchar", "fn",   "impl"};
  return kCodeWords.contains(word);
}

struct CharCounts {
  double all = 0, han = 0, digits = 0, letters = 0, capitals = 0, code = 0, math = 0, quotes = 0,
         questions = 0, lines = 1;
};

CharCounts count_characters(std::string_view text) {
  CharCounts n;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8::next(text, at);
    const CharKind kind = char_kind(c);
    n.all += 1;
    n.han += kind == CharKind::kHan ? 1 : 0;
    n.digits += kind == CharKind::kDigit ? 1 : 0;
    n.letters += kind == CharKind::kLetter ? 1 : 0;
    n.capitals += c >= 'A' && c <= 'Z' ? 1 : 0;
    n.code += is_one_of(kCodeSigns, c) ? 1 : 0;
    n.math += is_one_of(kMathSigns, c) ? 1 : 0;
    n.quotes += is_one_of(kQuotes, c) ? 1 : 0;
    n.questions += c == U'?' || c == U'？' ? 1 : 0;
    n.lines += c == '\n' ? 1 : 0;
  }
  return n;
}

struct LineCounts {
  double indented = 0, options = 0, listed = 0, longest = 0, first = 0;
};

/// "A. ", "(b) ", "C、": how choices begin.
bool is_option(std::string_view line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '(')) line.remove_prefix(1);
  if (line.size() < 2) return false;
  const char letter = static_cast<char>(line[0] | 0x20);
  return letter >= 'a' && letter <= 'f' &&
         (line[1] == '.' || line[1] == ')' || line[1] == ':' || line.substr(1).starts_with("、") ||
          line.substr(1).starts_with("．"));
}

LineCounts count_lines(std::string_view text) {
  LineCounts n;
  bool is_first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    n.indented += line.starts_with("  ") || line.starts_with("\t") ? 1 : 0;
    n.options += is_option(line) ? 1 : 0;
    n.listed += line.starts_with("- ") || line.starts_with("* ") ? 1 : 0;
    n.longest = std::max(n.longest, static_cast<double>(line.size()));
    if (is_first) n.first = static_cast<double>(line.size());
    is_first = false;
  }
  return n;
}

float flag(bool is_so) {
  return is_so ? 1.0f : 0.0f;
}

/// 0, and above it slowly rising.
float tempered(double count) {
  return static_cast<float>(std::log1p(count));
}

bool ends_asking(std::string_view text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text.ends_with("?") || text.ends_with("？") || text.ends_with("吗");
}

}  // namespace

std::vector<float> surface_features(const Request& request) {
  const std::string_view text = request.text;
  const CharCounts c = count_characters(text);
  const LineCounts lines = count_lines(text);
  const auto units = text_units(text);
  double code_words = 0, words = 0;
  for (const TextUnit& unit : units) {
    code_words += is_code_word(unit.text) ? 1 : 0;
    words += unit.kind == CharKind::kLetter ? 1 : 0;
  }
  const auto share = [&](double count) { return static_cast<float>(count / std::max(c.all, 1.0)); };
  const auto of_lines = [&](double count) { return static_cast<float>(count / c.lines); };
  const bool has_fence = text.find("```") != text.npos;
  std::vector<float> features = {tempered(c.all) / 10,
                                 share(c.han),
                                 share(c.digits),
                                 share(c.letters),
                                 share(c.capitals),
                                 share(c.code),
                                 share(c.math),
                                 share(c.quotes),
                                 tempered(c.questions),
                                 tempered(c.lines) / 4,
                                 of_lines(lines.indented),
                                 of_lines(lines.options),
                                 of_lines(lines.listed),
                                 tempered(lines.longest) / 10,
                                 tempered(lines.first) / 10,
                                 tempered(code_words),
                                 static_cast<float>(code_words / std::max(words, 1.0)),
                                 flag(has_fence),
                                 flag(ends_asking(text)),
                                 flag(text.find("\":") != text.npos),
                                 flag(text.find('|') != text.npos),
                                 flag(text.find("http") != text.npos),
                                 flag(!request.context.empty()),
                                 flag(lines.first + 1 < static_cast<double>(text.size()))};
  for (const double count : cue_counts(text, units)) features.push_back(tempered(count));
  return features;
}

}  // namespace pangu::adaptive
