// SPDX-License-Identifier: Apache-2.0
#include "jinja/number_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "jinja/format.h"

namespace pangu::jinja {

std::string integer_digits(std::int64_t value, int base, bool upper) {
  const auto magnitude = value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                                   : static_cast<std::uint64_t>(value);
  std::array<char, 64> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), magnitude, base).ptr;
  std::string out(buffer.data(), end);
  if (upper) {
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  }
  return out;
}

std::string float_digits(double value, char type, int precision, bool alternate) {
  const bool is_upper = type >= 'A' && type <= 'Z';
  if (std::isnan(value)) return is_upper ? "NAN" : "nan";
  if (std::isinf(value)) return is_upper ? "INF" : "inf";
  const std::string format = std::string("%") + (alternate ? "#" : "") + ".*" + type;
  // The longest number has 309 digits before the point.
  std::string out(static_cast<std::size_t>(precision) + 330, '\0');
  const int size =
      std::snprintf(out.data(), out.size(), format.c_str(), precision, std::abs(value));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string general_digits(double value, int precision, bool alternate) {
  if (!std::isfinite(value)) return float_digits(value, 'g', 0, false);
  if (precision < 0) return float_repr(std::abs(value));
  const int places = std::max(precision, 1);
  // As 'g' does, but a number that would lose its point gets an exponent one place earlier.
  const std::string scientific = float_digits(value, 'e', places - 1, false);
  const int exponent = std::atoi(scientific.c_str() + scientific.find('e') + 1);
  if (exponent >= -4 && exponent < places - 1) {
    std::string out = float_digits(value, 'g', places, alternate);
    if (out.find('.') == std::string::npos) out += ".0";
    return out;
  }
  if (exponent < -4) return float_digits(value, 'g', places, alternate);
  std::string digits = scientific.substr(0, scientific.find('e'));
  if (!alternate && digits.find('.') != std::string::npos) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
  }
  return digits + scientific.substr(scientific.find('e'));
}

}  // namespace pangu::jinja
