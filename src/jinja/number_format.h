// SPDX-License-Identifier: Apache-2.0
// Digits of numbers as Python's two ways of formatting write them, without sign and padding.
#pragma once

#include <cstdint>
#include <string>

namespace pangu::jinja {

/// The digits of |value| in base 2, 8, 10 or 16.
std::string integer_digits(std::int64_t value, int base, bool upper);

/// The digits of |value| as 'e', 'f' or 'g' (or the upper letters), with `precision` places;
/// `alternate` keeps the point and the zeros that would go. "inf" and "nan" are words.
std::string float_digits(double value, char type, int precision, bool alternate);

/// The digits of |value| where no letter says how: repr() without a precision (-1), else like 'g'
/// but with at least one place behind the point.
std::string general_digits(double value, int precision, bool alternate);

}  // namespace pangu::jinja
