// SPDX-License-Identifier: Apache-2.0
// Methods of strings that change letters, say what kind they are, or fill to a width.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "jinja/arguments.h"
#include "jinja/characters.h"
#include "jinja/method_tables.h"
#include "jinja/strings.h"
#include "jinja/text_operations.h"

namespace pangu::jinja {
namespace {

template <LetterCase kMode>
Value case_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "a method without arguments", {}, given);
  return with_case(context, self, kMode);
}

/// The character to fill with: a blank unless given.
Value fill_character(Context& context, const Bound& bound) {
  Value fill = bound.get(1) ? bound.string(1) : context.string(" ");
  if (count_chars(fill.as_string()) != 1) {
    context.fail<ConfigError>("a text is filled with '{}', expected one character.",
                              fill.as_string());
  }
  return fill;
}

Value center_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'center'", {"width", "fillchar"}, given, 1);
  return centered(context, self, bound.integer(0, 0), fill_character(context, bound));
}

template <bool kLeft>
Value justify_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, kLeft ? "method 'ljust'" : "method 'rjust'", {"width", "fillchar"},
                    given, 1);
  const std::uint64_t room = missing_width(self.as_string(), bound.integer(0, 0));
  return padded(context, self, kLeft ? 0 : room, kLeft ? room : 0, fill_character(context, bound));
}

/// Zeros go behind a sign.
Value zfill_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'zfill'", {"width"}, given, 1);
  const std::string& text = self.as_string();
  const std::size_t sign = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  Writer out(context);
  out.append(self.as_text(), 0, sign);
  out.repeat("0", missing_width(text, bound.integer(0, 0)));
  out.append(self.as_text(), sign, text.size());
  return out.value();
}

Value expandtabs_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'expandtabs'", {"tabsize"}, given);
  const std::int64_t size = std::max<std::int64_t>(bound.integer(0, 8), 0);
  const std::string& text = self.as_string();
  Writer out(context);
  std::int64_t column = 0;
  std::size_t plain = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const char32_t c = utf8::next(text, at);
    if (c == U'\n' || c == U'\r') {
      column = 0;
    } else if (c != U'\t') {
      ++column;
    } else {
      const std::int64_t blanks = size > 0 ? size - column % size : 0;
      out.append(self.as_text(), plain, begin);
      out.repeat(" ", static_cast<std::uint64_t>(blanks), self.as_text().source_at(begin));
      column += blanks;
      plain = at;
    }
  }
  out.append(self.as_text(), plain, text.size());
  return out.value();
}

/// Whether the text has characters, and all of them are of a kind.
template <bool (*kIs)(char32_t)>
Value all_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "a method without arguments", {}, given);
  const std::string& text = self.as_string();
  context.charge_bytes(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (!kIs(utf8::next(text, at))) return Value(false);
  }
  return Value(!text.empty());
}

bool is_alphanumeric(char32_t c) {
  return is_alpha(c) || is_numeric(c);
}

template <bool (*kIs)(char32_t)>
Value all_or_none_method(Context& context, const Value& self, const Arguments& given) {
  return self.as_string().empty() ? Value(true) : all_method<kIs>(context, self, given);
}

bool is_ascii_char(char32_t c) {
  return c < 0x80;
}

template <bool (*kIsOther)(char32_t), bool (*kIsThis)(char32_t)>
Value in_case_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "a method without arguments", {}, given);
  context.charge_bytes(self.as_string().size());
  return Value(all_in_case(self.as_string(), kIsOther, kIsThis));
}

/// Upper case follows what has no case, lower case what has one.
Value istitle_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'istitle'", {}, given);
  const std::string& text = self.as_string();
  context.charge_bytes(text.size());
  bool has_any = false, follows_cased = false;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8::next(text, at);
    const bool begins = is_upper(c) || is_title(c);
    if ((begins && follows_cased) || (is_lower(c) && !follows_cased)) return Value(false);
    follows_cased = begins || is_lower(c);
    has_any = has_any || follows_cased;
  }
  return Value(has_any);
}

Value isidentifier_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'isidentifier'", {}, given);
  const std::string& text = self.as_string();
  context.charge_bytes(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const bool is_first = at == 0;
    const char32_t c = utf8::next(text, at);
    if (!(is_first ? is_identifier_start(c) : is_identifier_part(c))) return Value(false);
  }
  return Value(!text.empty());
}

/// translate: the table has the number of a character, and what stands in its place.
Value translate_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'translate'", {"table"}, given, 1);
  if (!bound.get(0)->is(Kind::kDict)) {
    context.fail<ConfigError>("method 'translate' got a value of type {}, expected a dict.",
                              type_name(*bound.get(0)));
  }
  const Dict& table = bound.get(0)->as_dict();
  const std::string& text = self.as_string();
  Writer out(context);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const auto c = static_cast<std::int64_t>(utf8::next(text, at));
    const Value* with = table.find(context, Value(c));
    if (!with) {
      out.append(self.as_text(), begin, at);
    } else if (with->is(Kind::kString)) {
      out.append(with->as_text());
    } else if (with->is_integral() && with->as_int() >= 0 && with->as_int() <= 0x10FFFF) {
      std::string character;
      utf8::append(character, static_cast<char32_t>(with->as_int()));
      out.append(character, Source::kContent);  // no markup is spelled by numbers
    } else if (!with->is(Kind::kNone)) {
      context.fail<ConfigError>("a table of 'translate' has a value of type {}, expected a str.",
                                type_name(*with));
    }
  }
  return out.value();
}

std::int64_t only_character(Context& context, const Value& text) {
  std::size_t at = 0;
  const char32_t c = text.as_string().empty() ? 0 : utf8::next(text.as_string(), at);
  if (at == 0 || at != text.as_string().size()) {
    context.fail<ConfigError>("a key of 'maketrans' is '{}', expected one character.",
                              text.as_string());
  }
  return static_cast<std::int64_t>(c);
}

/// maketrans(table), or maketrans(from, to, dropped): the table that translate() takes.
Value maketrans_method(Context& context, const Value&, const Arguments& given) {
  const Bound bound(context, "method 'maketrans'", {"x", "y", "z"}, given, 1);
  Dict& table = context.dict();
  if (!bound.get(1)) {
    if (!bound.get(0)->is(Kind::kDict)) {
      context.fail<ConfigError>("method 'maketrans' got a value of type {}, expected a dict.",
                                type_name(*bound.get(0)));
    }
    for (const auto& [key, value] : bound.get(0)->as_dict().entries()) {
      table.set(context, key.is(Kind::kString) ? Value(only_character(context, key)) : key, value);
    }
    return Value(&table);
  }
  const std::string& from = bound.string(0).as_string();
  const std::string& to = bound.string(1).as_string();
  if (count_chars(from) != count_chars(to)) {
    context.fail<ConfigError>("method 'maketrans' got texts of different lengths.");
  }
  for (std::size_t at = 0, other = 0; at < from.size();) {
    const auto c = static_cast<std::int64_t>(utf8::next(from, at));
    table.set(context, Value(c), Value(static_cast<std::int64_t>(utf8::next(to, other))));
  }
  const std::string_view dropped = bound.optional_string(2).value_or("");
  for (std::size_t at = 0; at < dropped.size();) {
    const auto c = static_cast<std::int64_t>(utf8::next(dropped, at));
    table.set(context, Value(c), Value::none());
  }
  return Value(&table);
}

constexpr Method kFormMethods[] = {
    {"upper", case_method<LetterCase::kUpper>, OfMarkup::kMarked},
    {"lower", case_method<LetterCase::kLower>, OfMarkup::kMarked},
    {"title", case_method<LetterCase::kTitle>, OfMarkup::kMarked},
    {"capitalize", case_method<LetterCase::kCapitalize>, OfMarkup::kMarked},
    {"swapcase", case_method<LetterCase::kSwap>, OfMarkup::kMarked},
    {"casefold", case_method<LetterCase::kFold>, OfMarkup::kMarked},
    {"center", center_method, OfMarkup::kMarked},
    {"ljust", justify_method<true>, OfMarkup::kMarked},
    {"rjust", justify_method<false>, OfMarkup::kMarked},
    {"zfill", zfill_method, OfMarkup::kMarked},
    {"expandtabs", expandtabs_method, OfMarkup::kMarked},
    {"translate", translate_method, OfMarkup::kMarked},
    {"maketrans", maketrans_method},
    {"isalnum", all_method<is_alphanumeric>},
    {"isalpha", all_method<is_alpha>},
    {"isdecimal", all_method<is_decimal>},
    {"isdigit", all_method<is_digit_char>},
    {"isnumeric", all_method<is_numeric>},
    {"isspace", all_method<is_space>},
    {"isascii", all_or_none_method<is_ascii_char>},
    {"isprintable", all_or_none_method<is_printable>},
    {"islower", in_case_method<is_upper, is_lower>},
    {"isupper", in_case_method<is_lower, is_upper>},
    {"istitle", istitle_method},
    {"isidentifier", isidentifier_method},
};

}  // namespace

std::span<const Method> string_form_methods() {
  return kFormMethods;
}

}  // namespace pangu::jinja
