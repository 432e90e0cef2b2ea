// SPDX-License-Identifier: Apache-2.0
// Finds the methods of a value.
#include "jinja/methods.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "base/clipped.h"
#include "jinja/arguments.h"
#include "jinja/known_names.h"
#include "jinja/method_tables.h"
#include "jinja/operators.h"

namespace pangu::jinja {
namespace {

Value loop_cycle_method(Context& context, const Value& self, const Arguments& given) {
  if (given.positional.empty()) {
    context.fail<ConfigError>("'loop.cycle' got no values, expected at least one.");
  }
  return given.positional[self.as_loop().at % given.positional.size()];
}

Value cycler_next_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'next'", {}, given);
  Helper& cycler = self.as_helper();
  const std::size_t at = cycler.at;
  cycler.at = (at + 1) % cycler.items.size();
  return cycler.items[at];
}

Value cycler_reset_method(Context& context, const Value& self, const Arguments& given) {
  const Bound bound(context, "method 'reset'", {}, given);
  self.as_helper().at = 0;
  return Value::none();
}

Value changed_method(Context& context, const Value& self, const Arguments& given);

constexpr Method kLoopMethods[] = {{"cycle", loop_cycle_method}, {"changed", changed_method}};
constexpr Method kCyclerMethods[] = {{"next", cycler_next_method}, {"reset", cycler_reset_method}};

/// What Python would answer with an attribute or a method that is not covered, so that nothing may
/// be taken in its place.
constexpr std::string_view kMissingOfStr[] = {"encode"};
constexpr std::string_view kMissingOfDict[] = {"fromkeys"};
constexpr std::string_view kMissingOfNumber[] = {
    "as_integer_ratio", "conjugate", "denominator", "from_bytes", "fromhex", "hex", "imag",
    "numerator",        "real",      "to_bytes"};

struct Tables {
  std::array<std::span<const Method>, 2> methods = {};
  std::span<const std::string_view> missing = {};
};

Tables tables_of(const Value& receiver) {
  switch (receiver.kind()) {
    case Kind::kString:
      return {{string_methods(), string_form_methods()}, kMissingOfStr};
    case Kind::kList:
      if (receiver.as_list().type == List::Type::kList) return {{list_methods()}};
      if (receiver.as_list().can_index()) return {{tuple_methods()}};
      return {};
    case Kind::kDict:
      return {{dict_methods()}, kMissingOfDict};
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kFloat:
      return {{number_methods()}, kMissingOfNumber};
    case Kind::kLoop:
      return {{kLoopMethods}};
    case Kind::kHelper:
      if (receiver.as_helper().is_cycler) return {{kCyclerMethods}};
      return {};
    default:
      return {};
  }
}

const Method* find_method_of(const Value& receiver, std::string_view name) {
  for (const auto table : tables_of(receiver).methods) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const Method& method) { return method.name == name; });
    if (found != table.end()) return &*found;
  }
  return nullptr;
}

std::vector<std::string_view> names_of(const Value& receiver) {
  std::vector<std::string_view> names;
  for (const auto table : tables_of(receiver).methods) {
    for (const Method& method : table) names.push_back(method.name);
  }
  return names;
}

/// loop.changed(...): whether the values are others than in the call before.
Value changed_method(Context& context, const Value& self, const Arguments& given) {
  auto& last = self.as_loop().last_changed;
  context.charge_items(given.positional.size());
  const bool is_same =
      last && last->size() == given.positional.size() &&
      std::equal(last->begin(), last->end(), given.positional.begin(),
                 [&](const Value& a, const Value& b) { return equal(context, a, b); });
  if (!is_same) last = given.positional;
  return Value(!is_same);
}

}  // namespace

bool has_method(Context& context, const Value& receiver, std::string_view name) {
  if (find_method_of(receiver, name)) return true;
  const auto missing = tables_of(receiver).missing;
  if (std::find(missing.begin(), missing.end(), name) != missing.end()) {
    context.fail<Unsupported>("'{}' of type {} is not covered. Known: {}.", name,
                              type_name(receiver), fmt::join(names_of(receiver), ", "));
  }
  return false;
}

Value call_method(Context& context, const Value& receiver, std::string_view name,
                  const Arguments& arguments) {
  context.charge(1);
  const Method& method = *find_method_of(receiver, name);
  Value out = method.call(context, receiver, arguments);
  if (!receiver.is_markup()) return out;
  if (method.of_markup == OfMarkup::kMarked) return out.as_markup();
  if (method.of_markup == OfMarkup::kItems) {
    for (Value& item : out.as_list().items) item = item.as_markup();
  }
  return out;
}

void fail_unknown_method(Context& context, const Value& receiver, std::string_view name) {
  const std::vector<std::string_view> names = names_of(receiver);
  if (names.empty()) {
    context.fail<Unsupported>("type {} has no method '{}', and no others here.",
                              type_name(receiver), clipped(name));
  }
  context.fail<Unsupported>("type {} has no method '{}'. {}", type_name(receiver), clipped(name),
                            advice_on(name, names));
}

}  // namespace pangu::jinja
