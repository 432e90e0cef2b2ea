// SPDX-License-Identifier: Apache-2.0
#include "eval/python_text.h"

#include <algorithm>

#include "eval/answers.h"
#include "eval/text_lines.h"

namespace pangu::eval {
namespace {

bool in_name(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// The name at the front of a text; empty if none begins there.
std::string_view name_at_front(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && in_name(text[end])) ++end;
  const bool is_number = end > 0 && text[0] >= '0' && text[0] <= '9';
  return is_number ? std::string_view() : text.substr(0, end);
}

bool take(std::string_view& text, std::string_view front) {
  if (!text.starts_with(front)) return false;
  text.remove_prefix(front.size());
  return true;
}

std::string_view indent_of(std::string_view line) {
  return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

bool is_blank_line(std::string_view line) {
  return trimmed(line).empty();
}

/// "def f(", "async def f(", "class C:": the name.
std::string_view defined_by(std::string_view line) {
  const bool is_async = take(line, "async ");
  const bool is_class = !is_async && take(line, "class ");
  if (!is_class && !take(line, "def ")) return {};
  line = trimmed(line);
  const std::string_view name = name_at_front(line);
  const std::string_view after = trimmed(line.substr(name.size()));
  const bool is_head = after.starts_with('(') || (is_class && after.starts_with(':')) ||
                       (!is_class && after.starts_with('['));
  return is_head ? name : std::string_view();
}

/// "x = 1": the name.
std::string_view assigned_by(std::string_view line) {
  const std::string_view name = name_at_front(line);
  const std::string_view after = trimmed(line.substr(name.size()));
  return after.starts_with('=') && !after.starts_with("==") ? name : std::string_view();
}

/// "import a.b, c as d", "from a import b as c, (d": the names that are bound; none for a text that
/// only begins like that.
std::vector<std::string> imported_by(std::string_view line) {
  const bool is_from = take(line, "from ");
  if (is_from) {
    const std::size_t end = line.find(" import ");
    const bool is_module = end != line.npos && line.substr(0, end).find(' ') == line.npos;
    if (!is_module) return {};
    line.remove_prefix(end + 8);
  } else if (!take(line, "import ")) {
    return {};
  }
  std::vector<std::string> names;
  for (line = line.substr(0, line.find('#')); !line.empty();) {
    const std::size_t comma = std::min(line.find(','), line.size());
    std::string_view item = trimmed(line.substr(0, comma));
    line.remove_prefix(std::min(comma + 1, line.size()));
    while (take(item, "(")) item = trimmed(item);
    while (item.ends_with(')')) item = trimmed(item.substr(0, item.size() - 1));
    if (item.empty()) continue;
    const std::size_t as = item.rfind(" as ");
    const std::string_view name =
        name_at_front(as == item.npos ? item : trimmed(item.substr(as + 4)));
    const bool is_alone = as != item.npos || item.find(' ') == item.npos;
    if (name.empty() || !is_alone) return {};
    names.emplace_back(name);
  }
  return names;
}

bool is_constant(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

/// Whether a line that is not indented looks like the beginning of Python, and not like a sentence.
bool begins_code(std::string_view line) {
  return line.starts_with('@') || !defined_by(line).empty() || is_constant(assigned_by(line)) ||
         !imported_by(line).empty() ||
         (line.starts_with("from ") && line.find(" import (") != line.npos);
}

/// Whether it goes on with what began before.
bool continues_code(std::string_view line) {
  constexpr std::string_view kFronts = "#)]}";
  return kFronts.find(line[0]) != kFronts.npos || !assigned_by(line).empty() || begins_code(line);
}

}  // namespace

std::size_t find_definition(std::string_view code, std::string_view name) {
  std::size_t found = code.npos, decorators = code.npos, at = 0;
  for (const std::string_view line : lines_of(code)) {
    const bool decorates = line.starts_with('@');
    if (decorates && decorators == code.npos) decorators = at;
    if (defined_by(line) == name) found = decorators == code.npos ? at : decorators;
    if (!decorates && indent_of(line).empty()) decorators = code.npos;
    at += line.size();
  }
  return name.empty() ? code.npos : found;
}

bool defines(std::string_view code, std::string_view name) {
  if (find_definition(code, name) != code.npos) return true;
  for (const std::string_view line : lines_of(code)) {
    if (!name.empty() && assigned_by(line) == name) return true;
  }
  return false;
}

std::vector<std::string> offered_names(std::string_view code) {
  std::vector<std::string> names;
  for (const std::string_view line : lines_of(code)) {
    if (const auto name = defined_by(line); !name.empty()) names.emplace_back(name);
    if (const auto name = assigned_by(line); is_constant(name)) names.emplace_back(name);
    for (std::string& name : imported_by(line)) names.push_back(std::move(name));
  }
  return names;
}

bool uses(std::string_view code, std::string_view name) {
  if (name.empty()) return false;
  for (std::size_t at = code.find(name); at != code.npos; at = code.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const bool begins = at == 0 || (!in_name(code[at - 1]) && code[at - 1] != '.');
    if (begins && (end >= code.size() || !in_name(code[end]))) return true;
  }
  return false;
}

std::vector<std::string> called_names(std::string_view code) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < code.size();) {
    const std::string_view name = name_at_front(code.substr(at));
    const bool after_point = at > 0 && code[at - 1] == '.';
    std::size_t end = at + name.size();
    while (end < code.size() && code[end] == ' ') ++end;
    const bool is_call = end < code.size() && code[end] == '(';
    if (!name.empty() && !after_point && is_call &&
        std::find(names.begin(), names.end(), name) == names.end()) {
      names.emplace_back(name);
    }
    at += std::max<std::size_t>(name.size(), 1);
    while (name.empty() && at < code.size() && in_name(code[at - 1]) && in_name(code[at])) ++at;
  }
  return names;
}

std::string dedented(std::string_view code) {
  std::string_view shared;
  bool is_first = true;
  for (const std::string_view line : lines_of(code)) {
    if (is_blank_line(line)) continue;
    const std::string_view indent = indent_of(line);
    if (is_first) shared = indent;
    is_first = false;
    const auto differ = std::mismatch(shared.begin(), shared.end(), indent.begin(), indent.end());
    shared = shared.substr(0, static_cast<std::size_t>(differ.first - shared.begin()));
  }
  std::string out;
  for (const std::string_view line : lines_of(code)) {
    out += is_blank_line(line) ? std::string_view("\n") : line.substr(shared.size());
  }
  return out;
}

std::string indented(std::string_view code, std::string_view indent) {
  std::string out;
  for (const std::string_view line : lines_of(code)) {
    if (!is_blank_line(line)) out += indent;
    out += line;
  }
  return out;
}

std::string function_body(std::string_view text) {
  std::string body;
  for (const std::string_view line : lines_of(text)) {
    if (indent_of(line).empty() && !is_blank_line(line)) break;
    body += line;
  }
  return body;
}

std::vector<std::string> code_runs(std::string_view text) {
  std::vector<std::string> runs;
  std::string_view indent;
  bool inside = false;
  for (const std::string_view line : lines_of(text)) {
    if (inside && !is_blank_line(line)) {
      const bool is_deep = line.starts_with(indent);
      const std::string_view rest = is_deep ? line.substr(indent.size()) : line;
      inside = is_deep && (!indent_of(rest).empty() || continues_code(rest));
    }
    const std::string_view own = indent_of(line);
    if (!inside && begins_code(line.substr(own.size()))) {
      indent = own;
      inside = true;
      runs.emplace_back();
    }
    if (inside) runs.back() += is_blank_line(line) ? "\n" : line.substr(indent.size());
  }
  return runs;
}

}  // namespace pangu::eval
