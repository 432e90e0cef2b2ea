// SPDX-License-Identifier: Apache-2.0
// Follows attribute paths one part at a time.
#include "jinja/attribute_path.h"

#include <string>

#include "jinja/literals.h"
#include "jinja/operators.h"
#include "jinja/text_operations.h"

namespace pangu::jinja {
namespace {

bool is_index(const std::string& part) {
  return !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

Value follow_path(Context& context, const Value& item, const Value& path, const Value* fallback) {
  const auto step = [&](const Value& from, const Value& part) {
    Value found = get_item(context, from, part);
    return found.is(Kind::kUndefined) && fallback ? *fallback : found;
  };
  if (path.is_integral()) return step(item, path);
  if (!path.is(Kind::kString)) {
    context.fail<ConfigError>("an attribute is named by a value of type {}, expected a str or int.",
                              type_name(path));
  }
  Value at = item;
  for (const Value& part : split(context, path, ".", -1)) {
    const auto index = is_index(part.as_string()) ? parse_int(part.as_string(), 10) : std::nullopt;
    at = step(at, index ? Value(*index) : part);
  }
  return at;
}

Value sort_key(Context& context, const Value& item, const Value* path, bool case_sensitive) {
  Value key = path ? follow_path(context, item, *path) : item;
  if (case_sensitive || !key.is(Kind::kString)) return key;
  return with_case(context, key, LetterCase::kLower);
}

}  // namespace pangu::jinja
