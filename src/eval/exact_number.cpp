// SPDX-License-Identifier: Apache-2.0
#include "eval/exact_number.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace pangu::eval {
namespace {

constexpr std::uint64_t kSmallest = 1'000'000'000;  ///< of the numbers with too many digits

/// digits * factor
std::string product(const std::string& digits, std::uint64_t factor) {
  std::string out;
  std::uint64_t carry = 0;
  for (auto d = digits.rbegin(); d != digits.rend() || carry > 0;) {
    if (d != digits.rend()) carry += static_cast<std::uint64_t>(*d++ - '0') * factor;
    out.insert(out.begin(), static_cast<char>('0' + carry % 10));
    carry /= 10;
  }
  return out;
}

/// In lowest terms; nothing if that has too many digits.
std::optional<Quotient> reduced(std::uint64_t top, std::uint64_t bottom) {
  if (bottom == 0) return std::nullopt;
  const std::uint64_t common = std::gcd(top, bottom);
  const Quotient out{top / common, bottom / common};
  if (out.top >= kSmallest || out.bottom >= kSmallest) return std::nullopt;
  return out;
}

/// How often 10 is a factor of `n`, which loses these factors.
int take_tens(std::uint64_t& n) {
  int tens = 0;
  for (; n > 0 && n % 10 == 0; n /= 10) ++tens;
  return tens;
}

std::optional<std::uint64_t> small_power(std::uint64_t base, int exponent) {
  std::uint64_t out = 1;
  for (int i = 0; i < exponent && out < kSmallest; ++i) out *= base;
  return out < kSmallest ? std::optional(out) : std::nullopt;
}

}  // namespace

void Digits::shift(int by) {
  for (; by > 0; --by) {
    whole += fraction.empty() ? '0' : fraction.front();
    if (!fraction.empty()) fraction.erase(0, 1);
  }
  for (; by < 0; ++by) {
    fraction.insert(fraction.begin(), whole.empty() ? '0' : whole.back());
    if (!whole.empty()) whole.pop_back();
  }
}

std::string Digits::text() const {
  const std::string front = whole.substr(std::min(whole.find_first_not_of('0'), whole.size()));
  const std::string back = fraction.substr(0, fraction.find_last_not_of('0') + 1);
  return (front.empty() ? "0" : front) + (back.empty() ? "" : "." + back);
}

std::optional<std::string> Quotient::text() const {
  const auto lowest = reduced(top, bottom);
  if (!lowest) return std::nullopt;
  std::uint64_t rest = lowest->bottom;
  while (rest % 2 == 0) rest /= 2;
  while (rest % 5 == 0) rest /= 5;
  if (rest != 1) return std::to_string(lowest->top) + "/" + std::to_string(lowest->bottom);
  Digits out{.whole = std::to_string(lowest->top / lowest->bottom), .fraction = {}};
  for (std::uint64_t left = lowest->top % lowest->bottom; left > 0;
       left = left * 10 % lowest->bottom) {
    out.fraction += static_cast<char>('0' + left * 10 / lowest->bottom);
  }
  return out.text();
}

std::optional<Quotient> quotient(const Digits& number) {
  const std::string fraction = number.fraction.substr(0, number.fraction.find_last_not_of('0') + 1);
  std::string digits = number.whole + fraction;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.size() > kMostDigits || fraction.size() >= kMostDigits) return std::nullopt;
  Quotient out{digits.empty() ? 0 : std::stoull(digits), 1};
  for (std::size_t i = 0; i < fraction.size(); ++i) out.bottom *= 10;
  return out;
}

std::optional<Quotient> divided(const Quotient& a, const Quotient& b) {
  return reduced(a.top * b.bottom, a.bottom * b.top);
}

std::optional<Quotient> sum(const Quotient& a, const Quotient& b) {
  return reduced(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom);
}

std::optional<std::string> power_text(Quotient base, int exponent) {
  if (exponent < 0) {
    if (base.top == 0) return std::nullopt;
    std::swap(base.top, base.bottom);
    exponent = -exponent;
  }
  // A decimal number: its digits are multiplied, and the point is set at the end.
  Quotient rest = base;
  const int tens = take_tens(rest.top) - take_tens(rest.bottom);
  if (rest.bottom == 1) {
    const std::size_t digits = rest.top == 1 ? 0 : std::to_string(rest.top).size();
    if (static_cast<std::size_t>(exponent) * digits > kMostDigitsOfPower) return std::nullopt;
    Digits out{.whole = "1", .fraction = {}};
    for (int i = 0; i < exponent; ++i) out.whole = product(out.whole, rest.top);
    out.shift(tens * exponent);
    return out.text();
  }
  const auto lowest = reduced(base.top, base.bottom);
  const auto top = small_power(lowest->top, exponent),
             bottom = small_power(lowest->bottom, exponent);
  return top && bottom ? Quotient{*top, *bottom}.text() : std::nullopt;
}

}  // namespace pangu::eval
