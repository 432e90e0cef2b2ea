// SPDX-License-Identifier: Apache-2.0
#include "report/svg_axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace pangu {
namespace {

/// "250k", "1.5T", "0.001".
std::string si_text(double value) {
  constexpr std::pair<double, const char*> kPrefixes[] = {
      {1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  for (const auto& [size, prefix] : kPrefixes) {
    if (std::abs(value) >= size * 0.9999999 && std::abs(value) < 1e18) {
      return fmt::format("{:.7g}{}", value / size, prefix);
    }
  }
  return fmt::format("{:.7g}", value);
}

/// The step among 1, 2, 5 times a power of ten that cuts `span` into about six.
double round_step(double span) {
  const double power = std::pow(10.0, std::floor(std::log10(span / 6)));
  const double lead = span / 6 / power;
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
}

std::vector<AxisTick> linear_ticks(double min, double max) {
  std::vector<AxisTick> ticks;
  const double step = round_step(max - min);
  const double slack = step * 1e-9;
  // Too close to each other for their digits: nothing but the ends could be told apart.
  if (!(step > std::max(std::abs(min), std::abs(max)) * 1e-6)) return {{min, si_text(min)}};
  for (double i = std::ceil((min - slack) / step); i * step <= max + slack; ++i) {
    ticks.push_back({i * step, si_text(i == 0 ? 0.0 : i * step)});
  }
  return ticks;
}

std::vector<AxisTick> log_ticks(double min, double max) {
  const double decades = std::log10(max) - std::log10(min);
  if (decades < 0.6) return linear_ticks(min, max);
  const int every = decades <= 10 ? 1 : static_cast<int>(std::ceil(decades / 8));
  std::vector<AxisTick> ticks;
  for (int e = static_cast<int>(std::floor(std::log10(min))); std::pow(10.0, e) <= max; ++e) {
    for (const double lead : {1.0, 2.0, 5.0}) {
      const double value = lead * std::pow(10.0, e);
      const bool wanted = lead == 1.0 ? e % every == 0 : decades <= 3.5;
      if (wanted && value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9)) {
        ticks.push_back({value, si_text(value)});
      }
    }
  }
  return ticks;
}

}  // namespace

std::vector<AxisTick> axis_ticks(double min, double max, bool log) {
  if (!std::isfinite(min) || !std::isfinite(max) || min >= max || (log && min <= 0)) return {};
  return log ? log_ticks(min, max) : linear_ticks(min, max);
}

void AxisRange::add(double value) {
  if (!std::isfinite(value) || (log && value <= 0)) return;
  if (empty()) {
    min = max = value;
  } else {
    min = std::min(min, value), max = std::max(max, value);
  }
}

AxisScale::AxisScale(AxisRange range, double from, double to, double room_below, double room_above)
    : log_(range.log), from_(from), to_(to) {
  if (range.empty()) std::tie(range.min, range.max) = log_ ? std::pair(1., 10.) : std::pair(0., 1.);
  begin_ = place(range.min), end_ = place(range.max);
  if (begin_ == end_) {
    const double least = log_ ? 0.3 : std::max(std::abs(range.min), 1e-6) * 0.1;
    begin_ -= least, end_ += least;
  } else {
    const double span = end_ - begin_;
    begin_ -= span * room_below, end_ += span * room_above;
  }
}

bool AxisScale::shows(double value) const {
  return std::isfinite(value) && (!log_ || value > 0);
}

double AxisScale::share(double value) const {
  return (place(value) - begin_) / (end_ - begin_);
}

double AxisScale::at(double value) const {
  return from_ + (to_ - from_) * share(value);
}

std::vector<AxisTick> AxisScale::ticks() const {
  return axis_ticks(value(begin_), value(end_), log_);
}

double AxisScale::place(double value) const {
  return log_ ? std::log10(value) : value;
}

double AxisScale::value(double place) const {
  return log_ ? std::pow(10.0, place) : place;
}

}  // namespace pangu
