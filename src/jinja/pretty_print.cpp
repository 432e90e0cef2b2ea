// SPDX-License-Identifier: Apache-2.0
#include "jinja/pretty_print.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "jinja/characters.h"
#include "jinja/format.h"
#include "jinja/operators.h"
#include "jinja/strings.h"
#include "jinja/text_operations.h"

namespace pangu::jinja {
namespace {

constexpr std::int64_t kLineWidth = 80;

std::int64_t width_of(const Value& text) {
  return static_cast<std::int64_t>(count_chars(text.as_string()));
}

/// Keys of different kinds are ordered by the names of their types: NoneType, numbers, str, tuple.
int key_rank(const Value& key) {
  return key.is(Kind::kNone) ? 0 : key.is_number() ? 1 : key.is(Kind::kString) ? 2 : 3;
}

std::vector<Dict::Entry> sorted_entries(Context& context, const Dict& dict) {
  std::vector<Dict::Entry> entries = dict.entries();
  context.charge_items(2 * entries.size());
  std::stable_sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) {
    const int rank_a = key_rank(a.first), rank_b = key_rank(b.first);
    return rank_a != rank_b ? rank_a < rank_b : less(context, a.first, b.first);
  });
  return entries;
}

bool is_bracketed(const Value& value) {
  return value.is(Kind::kList) && value.as_list().type <= List::Type::kTuple;
}

/// A string as words with the blanks behind them.
std::vector<Value> words_of(Context& context, const Value& line) {
  const std::string& bytes = line.as_string();
  std::vector<Value> out;
  for (std::size_t begin = 0; begin < bytes.size();) {
    std::size_t end = begin;
    bool is_in_blanks = false;
    for (std::size_t next = end; end < bytes.size(); end = next) {
      const bool is_blank = is_space(utf8::next(bytes, next));
      if (is_in_blanks && !is_blank) break;
      is_in_blanks = is_blank;
    }
    context.charge(2);
    out.push_back(context.slice(line, begin, end));
    begin = end;
  }
  return out;
}

class PrettyPrinter {
 public:
  explicit PrettyPrinter(Context& context) : context_(context), out_(context) {}

  Value run(const Value& value) {
    write(value, 0, 0, 1);
    return out_.value();
  }

 private:
  /// repr() with the keys of dicts in order.
  void append_flat(Writer& out, const Value& value);
  Value flat(const Value& value) {
    Writer out(context_);
    append_flat(out, value);
    return out.value();
  }

  /// Writes at column `indent`, with `allowance` characters to follow on the last line.
  void write(const Value& value, std::int64_t indent, std::int64_t allowance, int level);
  void write_list(const List& list, std::int64_t indent, std::int64_t allowance, int level);
  void write_dict(const Dict& dict, std::int64_t indent, std::int64_t allowance, int level);
  void write_string(const Value& text, std::int64_t indent, std::int64_t allowance, int level);
  std::vector<Value> string_parts(const Value& text, std::int64_t width, std::int64_t allowance);
  void new_line(std::int64_t indent) {
    out_.append("\n");
    out_.repeat(" ", static_cast<std::uint64_t>(indent));
  }

  Context& context_;
  Writer out_;
};

void PrettyPrinter::append_flat(Writer& out, const Value& value) {
  const DepthGuard guard(context_);
  bool is_first = true;
  const auto separate = [&] {
    if (!is_first) out.append(", ");
    is_first = false;
  };
  if (is_bracketed(value)) {
    const List& list = value.as_list();
    const bool is_tuple = list.type == List::Type::kTuple;
    out.append(is_tuple ? "(" : "[");
    for (const Value& item : list.items) {
      separate();
      append_flat(out, item);
    }
    return out.append(is_tuple ? (list.items.size() == 1 ? ",)" : ")") : "]");
  }
  if (!value.is(Kind::kDict)) return append_repr(context_, out, value);
  out.append("{");
  for (const auto& [key, item] : sorted_entries(context_, value.as_dict())) {
    separate();
    append_flat(out, key);
    out.append(": ");
    append_flat(out, item);
  }
  out.append("}");
}

void PrettyPrinter::write(const Value& value, std::int64_t indent, std::int64_t allowance,
                          int level) {
  const DepthGuard guard(context_);
  const Value text = flat(value);
  if (width_of(text) > kLineWidth - indent - allowance) {
    if (is_bracketed(value)) return write_list(value.as_list(), indent, allowance, level);
    if (value.is(Kind::kDict)) return write_dict(value.as_dict(), indent, allowance, level);
    if (value.is(Kind::kString) && !value.is_markup()) {
      return write_string(value, indent, allowance, level);
    }
  }
  out_.append(text.as_text());
}

void PrettyPrinter::write_list(const List& list, std::int64_t indent, std::int64_t allowance,
                               int level) {
  const bool is_tuple = list.type == List::Type::kTuple;
  const std::string_view end = is_tuple ? (list.items.size() == 1 ? ",)" : ")") : "]";
  out_.append(is_tuple ? "(" : "[");
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const bool is_last = i + 1 == list.items.size();
    if (i > 0) new_line(indent + 1);
    const auto after = is_last ? allowance + static_cast<std::int64_t>(end.size()) : 1;
    write(list.items[i], indent + 1, after, level + 1);
    if (!is_last) out_.append(",");
  }
  out_.append(end);
}

void PrettyPrinter::write_dict(const Dict& dict, std::int64_t indent, std::int64_t allowance,
                               int level) {
  const auto entries = sorted_entries(context_, dict);
  out_.append("{");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const bool is_last = i + 1 == entries.size();
    if (i > 0) new_line(indent + 1);
    const Value key = flat(entries[i].first);
    out_.append(key.as_text());
    out_.append(": ");
    write(entries[i].second, indent + 1 + width_of(key) + 2, is_last ? allowance + 1 : 1,
          level + 1);
    if (!is_last) out_.append(",");
  }
  out_.append("}");
}

/// A text cut at line ends and, where that is not enough, between words.
std::vector<Value> PrettyPrinter::string_parts(const Value& text, std::int64_t width,
                                               std::int64_t allowance) {
  const std::vector<Value> lines = split_lines(context_, text, true);
  std::vector<Value> parts;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool is_last_line = i + 1 == lines.size();
    const Value whole = to_repr(context_, lines[i]);
    if (width_of(whole) <= width - (is_last_line ? allowance : 0)) {
      parts.push_back(whole);
      continue;
    }
    const std::vector<Value> words = words_of(context_, lines[i]);
    Value current = context_.string("");
    for (std::size_t j = 0; j < words.size(); ++j) {
      const Value longer = binary(context_, BinaryOp::kAdd, current, words[j]);
      const bool is_last = is_last_line && j + 1 == words.size();
      const bool fits = width_of(to_repr(context_, longer)) <= width - (is_last ? allowance : 0);
      if (!fits && !current.as_string().empty()) parts.push_back(to_repr(context_, current));
      current = fits ? longer : words[j];
    }
    if (!current.as_string().empty()) parts.push_back(to_repr(context_, current));
  }
  return parts;
}

void PrettyPrinter::write_string(const Value& text, std::int64_t indent, std::int64_t allowance,
                                 int level) {
  const bool is_top = level == 1;  // alone, it stands in parentheses
  const std::int64_t column = indent + (is_top ? 1 : 0);
  const std::vector<Value> parts =
      string_parts(text, kLineWidth - column, allowance + (is_top ? 1 : 0));
  if (parts.size() <= 1) return out_.append(to_repr(context_, text).as_text());
  if (is_top) out_.append("(");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) new_line(column);
    out_.append(parts[i].as_text());
  }
  if (is_top) out_.append(")");
}

}  // namespace

Value pretty_printed(Context& context, const Value& value) {
  return PrettyPrinter(context).run(value);
}

}  // namespace pangu::jinja
