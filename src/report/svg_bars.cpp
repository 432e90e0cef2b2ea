// SPDX-License-Identifier: Apache-2.0
#include "report/svg_bars.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "report/svg_canvas.h"
#include "report/svg_labels.h"

namespace pangu {
namespace {

constexpr double kGap = 0.25;  // between groups, of the width of one

void require_categories(const BarChart& chart) {
  for (const BarSeries& s : chart.series) {
    if (s.values.size() <= chart.categories.size()) continue;
    fail<ShapeError>(
        "[bars] '{}': the series '{}' has {} values for {} categories. At most one for each was "
        "expected.",
        chart.title, s.name, s.values.size(), chart.categories.size());
  }
}

/// From 0, or to it.
AxisRange range_of(const BarChart& chart) {
  AxisRange range(false);
  for (const BarSeries& s : chart.series) {
    for (const double value : s.values) range.add(value);
  }
  if (!range.empty()) range.add(0);
  // Nothing but zeros: an axis upwards all the same.
  if (range.max == 0 && range.min == 0) range.add(1);
  return range;
}

class BarDrawing {
 public:
  explicit BarDrawing(const BarChart& chart)
      : chart_(chart),
        canvas_(chart.title, chart.subtitle),
        range_(range_of(chart)),
        y_(range_, area().bottom, area().top, range_.min < 0 ? 0.06 : 0, 0.06),
        group_((area().right - area().left) /
               static_cast<double>(std::max<std::size_t>(chart.categories.size(), 1))) {}

  std::string text() && {
    for (const AxisTick& t : y_.ticks()) canvas_.y_tick(y_.at(t.value), t.text, true);
    bool any = false;
    for (std::size_t s = 0; s < chart_.series.size(); ++s) any |= bars(s);
    if (!any) canvas_.no_data();
    names();
    legend();
    canvas_.frame();
    canvas_.x_label(chart_.x_label);
    canvas_.y_label(chart_.y_label);
    return std::move(canvas_).take();
  }

 private:
  const SvgCanvas::Area& area() const { return canvas_.area(); }

  /// Whether there was anything to draw.
  bool bars(std::size_t series) {
    const BarSeries& s = chart_.series[series];
    const double width = group_ * (1 - kGap) / static_cast<double>(chart_.series.size());
    const double offset = group_ * kGap / 2 + width * static_cast<double>(series);
    bool any = false;
    for (std::size_t c = 0; c < s.values.size(); ++c) {
      if (!y_.shows(s.values[c])) continue;
      const double left = area().left + group_ * static_cast<double>(c) + offset;
      const double zero = y_.at(0), end = y_.at(s.values[c]);
      canvas_.rect(left, std::min(zero, end), left + width, std::max(zero, end),
                   series_color(s.color));
      any = true;
    }
    return any;
  }

  void names() {
    double widest = 0;
    for (const std::string& name : chart_.categories) {
      widest = std::max(widest, text_width(name, SvgCanvas::kFont) + 6);
    }
    const auto every =
        std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(widest / group_)));
    for (std::size_t c = 0; c < chart_.categories.size(); c += every) {
      canvas_.x_tick(area().left + group_ * (static_cast<double>(c) + 0.5), chart_.categories[c],
                     false);
    }
  }

  void legend() {
    for (const BarSeries& s : chart_.series) {
      if (s.name.empty()) continue;
      const auto [x, y] = canvas_.legend_entry(s.name);
      canvas_.rect(x - 5, y - 5, x + 5, y + 5, series_color(s.color));
    }
  }

  const BarChart& chart_;
  SvgCanvas canvas_;
  AxisRange range_;
  AxisScale y_;
  double group_;  ///< width of a category
};

}  // namespace

std::string svg_bars(const BarChart& chart) {
  require_categories(chart);
  return BarDrawing(chart).text();
}

}  // namespace pangu
