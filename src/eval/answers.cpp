// SPDX-License-Identifier: Apache-2.0
#include "eval/answers.h"

#include <algorithm>
#include <vector>

#include "base/utf8.h"

namespace pangu::eval {
namespace {

/// Full-width forms and typographic minus signs as the plain characters they stand for.
char32_t plain(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) return c - 0xFF01 + '!';
  if (c == 0x2212 || c == 0x2010 || c == 0x2011 || c == 0x2013) return '-';
  return c;
}

std::u32string plain_text(std::string_view text) {
  std::u32string out;
  for (std::size_t at = 0; at < text.size();) out += plain(utf8::next(text, at));
  return out;
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

/// Whether three digits and no fourth follow a comma at `at`.
bool is_thousands_separator(const std::u32string& s, std::size_t at) {
  if (s[at] != ',' || at + 3 >= s.size()) return false;
  for (std::size_t i = 1; i <= 3; ++i) {
    if (!is_digit(s[at + i])) return false;
  }
  return at + 4 >= s.size() || !is_digit(s[at + 4]);
}

/// Reads a number that begins at `at` (a sign, digits or a point) and moves `at` past it.
std::optional<std::string> read_number(const std::u32string& s, std::size_t& at) {
  std::size_t i = at;
  const bool negative = i < s.size() && s[i] == '-';
  if (i < s.size() && (s[i] == '-' || s[i] == '+')) ++i;
  if (i < s.size() && (s[i] == '$' || s[i] == U'¥' || s[i] == U'￥' || s[i] == U'€')) ++i;
  std::string whole, fraction;
  while (i < s.size() && (is_digit(s[i]) || (!whole.empty() && is_thousands_separator(s, i)))) {
    if (is_digit(s[i])) whole += static_cast<char>(s[i]);
    ++i;
  }
  if (i + 1 < s.size() && s[i] == '.' && is_digit(s[i + 1])) {
    for (++i; i < s.size() && is_digit(s[i]); ++i) fraction += static_cast<char>(s[i]);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  at = i;
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  fraction.erase(fraction.find_last_not_of('0') + 1);
  if (whole.empty()) whole = "0";
  std::string out = fraction.empty() ? whole : whole + "." + fraction;
  return negative && out != "0" ? "-" + out : out;
}

bool is_space(char32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0x3000 || c == 0xA0;
}

/// Whether the sign at `at` belongs to a number: "5-3" has none, " -3" has one.
bool is_sign(const std::u32string& s, std::size_t at) {
  if (s[at] != '-' && s[at] != '+') return false;
  if (at == 0) return true;
  const char32_t before = s[at - 1];
  const bool is_word = is_digit(before) || (before >= 'a' && before <= 'z') ||
                       (before >= 'A' && before <= 'Z') || before == ')';
  return !is_word;
}

std::optional<std::string> last_number(const std::u32string& s) {
  std::optional<std::string> last;
  for (std::size_t i = 0; i < s.size();) {
    const bool begins =
        is_digit(s[i]) || is_sign(s, i) || (s[i] == '.' && (i == 0 || !is_digit(s[i - 1])));
    std::size_t at = i;
    const auto number = begins ? read_number(s, at) : std::nullopt;
    if (number) last = number;
    i = number ? at : i + 1;
  }
  return last;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

bool is_fence(std::string_view line) {
  return trimmed(line).starts_with("```");
}

bool defines(std::string_view code, std::string_view function) {
  const std::string head = "def " + std::string(function);
  for (std::size_t at = code.find(head); at != code.npos; at = code.find(head, at + 1)) {
    const std::string_view after = trimmed(code.substr(at + head.size()));
    if (after.starts_with("(")) return true;
  }
  return false;
}

/// The contents of all fenced blocks.
std::vector<std::string> fenced_blocks(std::string_view text) {
  std::vector<std::string> blocks;
  bool inside = false;
  for (const std::string_view line : lines_of(text)) {
    if (is_fence(line)) {
      inside = !inside;
      if (inside) blocks.emplace_back();
    } else if (inside) {
      blocks.back() += line;
    }
  }
  return blocks;
}

/// Markers that a completion model writes after its code, and the next example's beginning.
constexpr std::string_view kEnds[] = {"[DONE]", "[BEGIN]", "if __name__", "You are an expert",
                                      "assert "};

}  // namespace

std::string_view trimmed(std::string_view text) {
  std::size_t begin = text.size(), end = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    if (is_space(utf8::next(text, at))) continue;
    begin = std::min(begin, from);
    end = at;
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

std::string_view first_line(std::string_view text) {
  text = trimmed(text);
  return trimmed(text.substr(0, text.find('\n')));
}

std::string answer_text(const Tokenizer& tokenizer, std::span<const TokenId> ids,
                        std::string_view text) {
  const auto begin = tokenizer.id_of("[unused16]"), end = tokenizer.id_of("[unused17]");
  if (end) {
    const auto last = std::find(ids.rbegin(), ids.rend(), *end);
    if (last != ids.rend()) {
      return tokenizer.decode(ids.subspan(static_cast<std::size_t>(ids.rend() - last)));
    }
    if (begin && std::find(ids.begin(), ids.end(), *begin) != ids.end()) return "";
  }
  constexpr std::string_view kOpen = "<think>", kClose = "</think>";
  if (const std::size_t at = text.rfind(kClose); at != text.npos) {
    return std::string(text.substr(at + kClose.size()));
  }
  return trimmed(text).starts_with(kOpen) ? "" : std::string(text);
}

std::optional<std::string> canonical_number(std::string_view text) {
  const std::u32string s = plain_text(trimmed(text));
  std::size_t at = 0;
  const auto number = read_number(s, at);
  return at == s.size() ? number : std::nullopt;
}

std::optional<std::string> find_marked_number(std::string_view text) {
  constexpr std::string_view kMark = "####";
  const std::size_t at = text.rfind(kMark);
  if (at == text.npos) return std::nullopt;
  const std::u32string s = plain_text(first_line(text.substr(at + kMark.size())));
  // "#### $1,200", "#### 答案：18": the number may have words before it on its line.
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (!is_digit(s[i]) && !is_sign(s, i) && s[i] != '.') continue;
    if (const auto number = read_number(s, i)) return number;
  }
  return std::nullopt;
}

std::optional<std::string> find_answer_number(std::string_view text) {
  const auto marked = find_marked_number(text);
  return marked ? marked : last_number(plain_text(text));
}

std::string extract_code(std::string_view answer, std::string_view function) {
  const std::vector<std::string> blocks = fenced_blocks(answer);
  for (const std::string& block : blocks) {
    if (!function.empty() && defines(block, function)) return block;
  }
  if (!blocks.empty()) return blocks.front();
  std::string code;
  for (const std::string_view line : lines_of(answer)) {
    const bool ends = std::any_of(std::begin(kEnds), std::end(kEnds),
                                  [line](std::string_view end) { return line.starts_with(end); });
    if (ends) break;
    code += line;
  }
  return code;
}

std::string function_body(std::string_view text) {
  std::string body;
  for (const std::string_view line : lines_of(text)) {
    const std::string_view content = trimmed(line);
    const bool is_indented = line.starts_with(" ") || line.starts_with("\t");
    if (!is_indented && !content.empty()) break;
    body += line;
  }
  return body;
}

}  // namespace pangu::eval
