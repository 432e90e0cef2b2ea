// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/quantities.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>

namespace pangu::app {
namespace {

struct Unit {
  std::string_view name;
  double size;
};

constexpr Unit kTimes[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
constexpr Unit kSizes[] = {{"", 1},         {"B", 1},        {"kB", 1e3},    {"KB", 1e3},
                           {"MB", 1e6},     {"GB", 1e9},     {"TB", 1e12},   {"KiB", 1024.0},
                           {"MiB", 0x1p20}, {"GiB", 0x1p30}, {"TiB", 0x1p40}};
constexpr double kMost = 0x1p53;

/// The number and its unit's size multiplied; nothing for what is no such amount.
template <std::size_t N>
std::optional<double> amount(std::string_view text, const Unit (&units)[N]) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  std::string_view unit(rest, static_cast<std::size_t>(end - rest));
  if (unit.starts_with(' ')) unit.remove_prefix(1);
  for (const Unit& u : units) {
    if (u.name == unit && number * u.size <= kMost) return number * u.size;
  }
  return std::nullopt;
}

}  // namespace

CLI::Validator duration() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        const auto seconds = amount(text, kTimes);
        if (!seconds || *seconds <= 0) {
          return fmt::format(
              "'{}' is no time. Expected a number above 0 with s, m or h, such as 90s or 5m.",
              text);
        }
        text = fmt::format("{}", *seconds);
        return "";
      },
      "");
}

CLI::Validator byte_count() {
  return CLI::Validator(
      [](std::string& text) -> std::string {
        const auto bytes = amount(text, kSizes);
        if (!bytes || *bytes < 1) {
          return fmt::format(
              "'{}' is no size. Expected a number above 0 with a unit, such as 900MB or 1.5GiB.",
              text);
        }
        text = fmt::format("{}", static_cast<std::int64_t>(*bytes));
        return "";
      },
      "");
}

}  // namespace pangu::app
