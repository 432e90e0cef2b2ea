// SPDX-License-Identifier: Apache-2.0
// One table of small functions.
#include "text/jinja/predicates.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "text/jinja/arguments.h"
#include "text/jinja/operators.h"
#include "text/jinja/strings.h"
#include "text/jinja/text_operations.h"

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

bool is_iterable(const Value& value) {
  return value.is(Kind::kUndefined) || value.is(Kind::kString) || value.is(Kind::kList) ||
         value.is(Kind::kDict) || value.is(Kind::kLoop);
}

bool is_sequence(const Value& value) {
  if (value.is(Kind::kList)) return value.as_list().can_index();
  return value.is(Kind::kUndefined) || value.is(Kind::kString) || value.is(Kind::kDict);
}

template <LetterCase kMode>
bool is_in_case(Context& context, const Value& subject, const Arguments& given) {
  const Bound bound(context, "this test", {}, given);
  if (!subject.is(Kind::kString)) return false;
  const std::string other =
      with_case(context, subject,
                kMode == LetterCase::kUpper ? LetterCase::kLower : LetterCase::kUpper)
          .as_string();
  return with_case(context, subject, kMode).as_string() == subject.as_string() &&
         other != subject.as_string();
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
    {"callable", simple<of_kind<Kind::kFunction>>},
    {"odd", has_parity<true>},
    {"even", has_parity<false>},
    {"divisibleby", is_divisible},
    {"upper", is_in_case<LetterCase::kUpper>},
    {"lower", is_in_case<LetterCase::kLower>},
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
};

}  // namespace

const Predicate* find_predicate(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kPredicates), std::end(kPredicates),
                   [&](const Predicate& predicate) { return predicate.name == name; });
  return found == std::end(kPredicates) ? nullptr : found;
}

std::string predicate_names() {
  std::vector<std::string_view> names;
  for (const Predicate& predicate : kPredicates) names.push_back(predicate.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace pangu::jinja
