// SPDX-License-Identifier: Apache-2.0
#include "report/units.h"

#include <fmt/format.h>

#include <cmath>

namespace pangu {
namespace {

/// Three significant digits without an exponent.
std::string three_digits(double value) {
  const int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

std::string bytes_text(std::int64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes);
  std::string unit;
  for (const char* next : {"KiB", "MiB", "GiB", "TiB"}) {
    if (value < 1023.5 && !unit.empty()) break;
    value /= 1024;
    unit = next;
  }
  return three_digits(value) + " " + unit;
}

std::string count_text(double count) {
  if (count < 999.5) return fmt::format("{:.0f}", count);
  std::string unit;
  for (const char* next : {"K", "M", "B", "T"}) {
    if (count < 999.5 && !unit.empty()) break;
    count /= 1000;
    unit = next;
  }
  return three_digits(count) + unit;
}

std::string decimal_text(double value, std::string_view unit) {
  const char* prefix = "";
  for (const char* next : {"k", "M", "G", "T", "P"}) {
    if (value < 999.5) break;
    value /= 1000;
    prefix = next;
  }
  return fmt::format("{} {}{}", three_digits(value), prefix, unit);
}

std::string seconds_text(double seconds) {
  if (seconds < 0.9995) return three_digits(seconds * 1000) + " ms";
  return three_digits(seconds) + " s";
}

std::string grouped(std::int64_t value) {
  std::string text = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > first + 3;) {
    i -= 3;
    text.insert(i, 1, ',');
  }
  return text;
}

}  // namespace pangu
