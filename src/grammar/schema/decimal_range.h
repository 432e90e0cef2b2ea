// SPDX-License-Identifier: Apache-2.0
// JSON numbers between bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "grammar/rules/rule_set.h"
#include "io/ordered_json.h"

namespace pangu::grammar {

/// Digits before and behind the point that a number may have.
inline constexpr int kMaxDigits = 16;

/// A number below 10^16 with its decimals, written without an exponent.
struct Decimal {
  bool is_negative = false;
  std::int64_t whole = 0;
  std::string fraction = {};  ///< digits behind the point, without zeros at the end

  bool is_zero() const { return whole == 0 && fraction.empty(); }
};

bool is_less(const Decimal& a, const Decimal& b);

/// A bound, if it is nearer to zero than 10^16: no number of the grammar lies beyond. One that has
/// more than kMaxDigits decimals is none, either, and `is_exact` becomes false.
std::optional<Decimal> decimal_of(const OrderedJson& number, bool& is_exact);

struct NumberBounds {
  struct Bound {
    Decimal value;
    bool is_exclusive = false;
  };
  std::optional<Bound> min, max;
};

/// Numbers within the bounds: whole ones, or those with up to kMaxDigits decimals; without
/// exponent. Nothing if there are none.
std::optional<ExprId> add_whole_numbers(const NumberBounds& bounds, RuleSet& rules);
std::optional<ExprId> add_numbers(const NumberBounds& bounds, RuleSet& rules);

}  // namespace pangu::grammar
