// SPDX-License-Identifier: Apache-2.0
// Turns JSON into template values and renders with them.
#include "jinja/template.h"

#include <limits>
#include <utility>

#include "base/utf8.h"
#include "jinja/context.h"
#include "jinja/interpreter.h"
#include "jinja/parser.h"

namespace pangu::jinja {
namespace {

class JsonReader {
 public:
  JsonReader(Context& context, const Variable& variable) : context_(context), variable_(variable) {}

  Value run() { return read(variable_.value, 0); }

 private:
  Value read(const Json& json, std::size_t depth);
  Value string(const std::string& text);
  Value list(const Json& json, std::size_t depth);
  Value dict(const Json& json, std::size_t depth);

  Context& context_;
  const Variable& variable_;
};

Value JsonReader::read(const Json& json, std::size_t depth) {
  if (depth > context_.limits().nesting) {
    context_.fail<InputError>("variable '{}' is nested more than {} deep.", variable_.name,
                              context_.limits().nesting);
  }
  context_.charge(1);
  switch (json.type()) {
    case Json::value_t::null:
      return Value::none();
    case Json::value_t::boolean:
      return Value(json.get<bool>());
    case Json::value_t::number_float:
      return Value(json.get<double>());
    case Json::value_t::number_integer:
      return Value(json.get<std::int64_t>());
    case Json::value_t::string:
      return string(json.get_ref<const std::string&>());
    case Json::value_t::array:
      return list(json, depth);
    case Json::value_t::object:
      return dict(json, depth);
    case Json::value_t::number_unsigned: {
      const auto number = json.get<std::uint64_t>();
      constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      if (number <= kMax) return Value(static_cast<std::int64_t>(number));
      context_.fail<InputError>(
          "variable '{}' holds {}, which does not fit a signed 64-bit "
          "integer. Pass it as a string.",
          variable_.name, number);
    }
    case Json::value_t::binary:
    case Json::value_t::discarded:
      break;
  }
  context_.fail<InputError>("variable '{}' holds a value that is no JSON: {}.", variable_.name,
                            json.type_name());
}

Value JsonReader::string(const std::string& text) {
  if (const std::size_t at = utf8::find_invalid(text); at != utf8::npos) {
    context_.fail<InputError>(
        "a string in variable '{}' is not valid UTF-8 at byte {}. Convert it "
        "to UTF-8.",
        variable_.name, at);
  }
  return context_.string(text, variable_.source);
}

Value JsonReader::list(const Json& json, std::size_t depth) {
  std::vector<Value> items;
  for (const Json& item : json) items.push_back(read(item, depth + 1));
  return context_.list(std::move(items));
}

Value JsonReader::dict(const Json& json, std::size_t depth) {
  Dict& out = context_.dict();
  for (const auto& [key, value] : json.items()) {
    out.set(context_, string(key), read(value, depth + 1));
  }
  return Value(&out);
}

}  // namespace

Template Template::parse(std::string_view source, std::string origin, const Limits& limits) {
  Block body = jinja::parse(source, origin, limits);
  return {std::move(origin), limits, std::move(body)};
}

Text Template::render(const std::vector<Variable>& variables,
                      std::optional<std::time_t> now) const {
  Context context(origin_, limits_);
  context.now = now;
  Scope& globals = context.scope(nullptr);
  for (const Variable& variable : variables) {
    globals.set(variable.name, JsonReader(context, variable).run());
  }
  return interpret(context, body_, context.scope(&globals));
}

}  // namespace pangu::jinja
