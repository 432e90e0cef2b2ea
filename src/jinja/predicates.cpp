// SPDX-License-Identifier: Apache-2.0
// One table of small functions.
#include "jinja/predicates.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/clipped.h"
#include "jinja/arguments.h"
#include "jinja/characters.h"
#include "jinja/filters.h"
#include "jinja/format.h"
#include "jinja/known_names.h"
#include "jinja/operators.h"
#include "jinja/strings.h"

namespace pangu::jinja {
namespace {

/// Tests without arguments that look at the value alone.
template <bool (*kHolds)(const Value&)>
bool simple(Context& context, const Value& subject, const Arguments& given) {
  const Bound bound(context, "this test", {}, given);
  return kHolds(subject);
}

template <Kind kKind>
bool of_kind(const Value& value) {
  return value.is(kKind);
}
bool is_defined(const Value& value) {
  return !value.is(Kind::kUndefined);
}
bool is_number(const Value& value) {
  return value.is_number();
}
bool is_true(const Value& value) {
  return value.is(Kind::kBool) && value.as_bool();
}
bool is_false(const Value& value) {
  return value.is(Kind::kBool) && !value.as_bool();
}

bool is_callable(const Value& value) {
  return value.is(Kind::kFunction) || value.is(Kind::kLoop) || value.is(Kind::kUndefined) ||
         (value.is(Kind::kHelper) && !value.as_helper().is_cycler);
}

bool is_iterable(const Value& value) {
  return value.is(Kind::kUndefined) || value.is(Kind::kString) || value.is(Kind::kList) ||
         value.is(Kind::kDict) || value.is(Kind::kLoop);
}

bool is_sequence(const Value& value) {
  if (value.is(Kind::kList)) return value.as_list().can_index();
  return value.is(Kind::kUndefined) || value.is(Kind::kString) || value.is(Kind::kDict);
}

/// Whether str(value) has letters with a case, and all of them are of this one.
template <bool (*kIsOther)(char32_t), bool (*kIsThis)(char32_t)>
bool is_in_case(Context& context, const Value& subject, const Arguments& given) {
  const Bound bound(context, "this test", {}, given);
  const Value text = to_str(context, subject);
  context.charge_bytes(text.as_string().size());
  return all_in_case(text.as_string(), kIsOther, kIsThis);
}

bool is_known_filter(Context& context, const Value& subject, const Arguments& given) {
  const Bound bound(context, "test 'filter'", {}, given);
  return subject.is(Kind::kString) && find_filter(subject.as_string());
}

const Predicate* find_predicate(std::string_view name);

bool is_known_test(Context& context, const Value& subject, const Arguments& given) {
  const Bound bound(context, "test 'test'", {}, given);
  return subject.is(Kind::kString) && find_predicate(subject.as_string());
}

bool is_same(Context& context, const Value& subject, const Arguments& given) {
  const Bound bound(context, "test 'sameas'", {"other"}, given, 1);
  if (subject.is(Kind::kString)) context.charge_bytes(subject.as_string().size());
  return is_same_object(subject, *bound.get(0));
}

bool is_escaped(const Value& value) {
  return value.is_markup();
}

/// number % by == rest, for floats too.
bool leaves(Context& context, const Value& number, const Value& by, std::int64_t rest) {
  return equal(context, binary(context, BinaryOp::kModulo, number, by), Value(rest));
}

template <bool kOdd>
bool has_parity(Context& context, const Value& subject, const Arguments& given) {
  const Bound bound(context, "this test", {}, given);
  return leaves(context, subject, Value(std::int64_t{2}), kOdd ? 1 : 0);
}

bool is_divisible(Context& context, const Value& subject, const Arguments& given) {
  const Bound bound(context, "test 'divisibleby'", {"num"}, given, 1);
  return leaves(context, subject, *bound.get(0), 0);
}

template <CompareOp kOp>
bool compares(Context& context, const Value& subject, const Arguments& given) {
  const Bound bound(context, "this test", {"other"}, given, 1);
  return compare(context, kOp, subject, *bound.get(0));
}

constexpr Predicate kPredicates[] = {
    {"defined", simple<is_defined>},
    {"undefined", simple<of_kind<Kind::kUndefined>>},
    {"none", simple<of_kind<Kind::kNone>>},
    {"boolean", simple<of_kind<Kind::kBool>>},
    {"true", simple<is_true>},
    {"false", simple<is_false>},
    {"integer", simple<of_kind<Kind::kInt>>},
    {"float", simple<of_kind<Kind::kFloat>>},
    {"number", simple<is_number>},
    {"string", simple<of_kind<Kind::kString>>},
    {"mapping", simple<of_kind<Kind::kDict>>},
    {"iterable", simple<is_iterable>},
    {"sequence", simple<is_sequence>},
    {"callable", simple<is_callable>},
    {"odd", has_parity<true>},
    {"even", has_parity<false>},
    {"divisibleby", is_divisible},
    {"upper", is_in_case<is_lower, is_upper>},
    {"lower", is_in_case<is_upper, is_lower>},
    {"filter", is_known_filter},
    {"test", is_known_test},
    {"sameas", is_same},
    {"escaped", simple<is_escaped>},
    {"in", compares<CompareOp::kIn>},
    {"eq", compares<CompareOp::kEqual>},
    {"equalto", compares<CompareOp::kEqual>},
    {"ne", compares<CompareOp::kNotEqual>},
    {"lt", compares<CompareOp::kLess>},
    {"lessthan", compares<CompareOp::kLess>},
    {"le", compares<CompareOp::kLessEqual>},
    {"gt", compares<CompareOp::kGreater>},
    {"greaterthan", compares<CompareOp::kGreater>},
    {"ge", compares<CompareOp::kGreaterEqual>},
    {"==", compares<CompareOp::kEqual>},
    {"!=", compares<CompareOp::kNotEqual>},
    {"<", compares<CompareOp::kLess>},
    {"<=", compares<CompareOp::kLessEqual>},
    {">", compares<CompareOp::kGreater>},
    {">=", compares<CompareOp::kGreaterEqual>},
};

const Predicate* find_predicate(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kPredicates), std::end(kPredicates),
                   [&](const Predicate& predicate) { return predicate.name == name; });
  return found == std::end(kPredicates) ? nullptr : found;
}

}  // namespace

const Predicate& get_predicate(const Context& context, std::string_view name) {
  if (const Predicate* found = find_predicate(name)) return *found;
  std::vector<std::string_view> names;
  for (const Predicate& predicate : kPredicates) names.push_back(predicate.name);
  context.fail<Unsupported>("there is no test '{}'. {}", clipped(name), advice_on(name, names));
}

}  // namespace pangu::jinja
