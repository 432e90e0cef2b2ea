// SPDX-License-Identifier: Apache-2.0
#include "report/svg_plot.h"

#include <cmath>
#include <optional>

#include "report/svg_canvas.h"
#include "report/svg_labels.h"

namespace pangu {
namespace {

constexpr double kFont = SvgCanvas::kFont;
constexpr double kRoom = 0.06;  // at both ends of an axis

bool is_line(const PlotSeries& s) {
  return s.mark == PlotSeries::Mark::kLine || s.mark == PlotSeries::Mark::kDashes;
}

AxisScale scale_of(const Plot& plot, const PlotAxis& axis, double PlotPoint::*coordinate,
                   double from, double to) {
  AxisRange range(axis.log);
  for (const PlotSeries& s : plot.series) {
    for (const PlotPoint& p : s.points) range.add(p.*coordinate);
  }
  return {range, from, to, kRoom, kRoom};
}

class PlotDrawing {
 public:
  explicit PlotDrawing(const Plot& plot)
      : plot_(plot),
        canvas_(plot.title, plot.subtitle),
        x_(scale_of(plot, plot.x, &PlotPoint::x, area().left, area().right)),
        y_(scale_of(plot, plot.y, &PlotPoint::y, area().bottom, area().top)) {}

  std::string text() && {
    for (const AxisTick& t : x_.ticks()) canvas_.x_tick(x_.at(t.value), t.text, true);
    for (const AxisTick& t : y_.ticks()) canvas_.y_tick(y_.at(t.value), t.text, true);
    canvas_.frame();
    canvas_.x_label(plot_.x.label);
    canvas_.y_label(plot_.y.label);
    legend();
    bool any = false;
    for (const PlotSeries& s : plot_.series) any |= series(s);
    if (!any) canvas_.no_data();
    labels();
    return std::move(canvas_).take();
  }

 private:
  const SvgCanvas::Area& area() const { return canvas_.area(); }

  void legend() {
    for (const PlotSeries& s : plot_.series) {
      if (s.name.empty()) continue;
      const auto [x, y] = canvas_.legend_entry(s.name);
      if (is_line(s)) {
        stroke(s, fmt::format("M{:.1f} {:.1f}H{:.1f}", x - 11, y, x + 11));
      } else {
        mark(s, x, y);
      }
    }
  }

  void stroke(const PlotSeries& s, std::string_view path) {
    canvas_.add(R"(<path d="{}" fill="none" stroke="{}" stroke-width="2"{}/>)", path,
                series_color(s.color),
                s.mark == PlotSeries::Mark::kDashes ? R"( stroke-dasharray="6 4")" : "");
  }

  void mark(const PlotSeries& s, double x, double y) {
    if (s.mark == PlotSeries::Mark::kSquares) {
      canvas_.add(
          R"(<rect x="{:.1f}" y="{:.1f}" width="9" height="9" fill="{}" stroke="#ffffff"/>)",
          x - 4.5, y - 4.5, series_color(s.color));
    } else {
      canvas_.add(R"(<circle cx="{:.1f}" cy="{:.1f}" r="5" fill="{}" stroke="#ffffff"/>)", x, y,
                  series_color(s.color));
    }
  }

  /// Whether there was anything to draw.
  bool series(const PlotSeries& s) {
    std::string path;
    bool any = false, joined = false;
    double last_x = 0, last_y = 0;
    for (const PlotPoint& p : s.points) {
      if (!x_.shows(p.x) || !y_.shows(p.y)) {
        joined = false;
        continue;
      }
      const double x = x_.at(p.x), y = y_.at(p.y);
      if (is_line(s)) {
        fmt::format_to(std::back_inserter(path), "{}{:.1f} {:.1f}", joined ? 'L' : 'M', x, y);
        if (joined) labels_.avoid_line(last_x, last_y, x, y);
      } else {
        mark(s, x, y);
        labels_.avoid_point(x, y);
      }
      if (!p.label.empty()) labels_.add(x, y, p.label, series_color(s.color), !is_line(s));
      any = joined = true;
      last_x = x, last_y = y;
    }
    if (!path.empty()) stroke(s, path);
    return any;
  }

  void labels() {
    const auto [left, top, right, bottom] = area();
    for (const PlacedLabel& l : labels_.place({left, top, right, bottom}, kFont)) {
      if (l.leader) {
        canvas_.add(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" )"
                    R"(stroke-width="0.7"/>)",
                    l.x, l.y, l.leader->first, l.leader->second, l.color);
      }
      // A white rim keeps the text legible where it lies on a line.
      canvas_.text(l.box.left, l.box.bottom - kFont * 0.25, l.text, "start", l.color, kFont,
                   R"( stroke="#ffffff" stroke-width="3" paint-order="stroke")");
    }
  }

  const Plot& plot_;
  SvgCanvas canvas_;
  AxisScale x_, y_;
  LabelPlacer labels_;
};

}  // namespace

std::string svg_plot(const Plot& plot) {
  return PlotDrawing(plot).text();
}

}  // namespace pangu
