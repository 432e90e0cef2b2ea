// SPDX-License-Identifier: Apache-2.0
#include "report/svg_heatmap.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "report/svg_canvas.h"

namespace pangu {
namespace {

constexpr double kRight = 808;                     // of the cells
constexpr double kBarLeft = 836, kBarRight = 854;  // of the scale of colours
constexpr std::string_view kGrey = "#bbbbbb";
constexpr int kSteps = 128;  // of colours, so that neighbours that look alike are one rectangle

using Rgb = std::array<double, 3>;
constexpr std::array<Rgb, 9> kViridis{{{68, 1, 84},
                                       {71, 45, 123},
                                       {59, 82, 139},
                                       {44, 114, 142},
                                       {33, 145, 140},
                                       {40, 174, 128},
                                       {94, 201, 98},
                                       {173, 220, 48},
                                       {253, 231, 37}}};

void require_table(const Heatmap& map) {
  for (std::size_t r = 0; r < map.cells.size(); ++r) {
    if (map.cells[r].size() == map.cells.front().size()) continue;
    fail<ShapeError>(
        "[heatmap] '{}': row {} has {} cells, the first one {}. Rows of the same length were "
        "expected.",
        map.title, r, map.cells[r].size(), map.cells.front().size());
  }
}

AxisRange range_of(const Heatmap& map) {
  AxisRange range(map.values.log);
  for (const auto& row : map.cells) {
    for (const double value : row) range.add(value);
  }
  return range;
}

AxisRange columns_of(const Heatmap& map, std::size_t columns) {
  const bool given = map.x_begin < map.x_end;
  AxisRange range(false);
  range.add(given ? map.x_begin : 0);
  range.add(given ? map.x_end : static_cast<double>(std::max<std::size_t>(columns, 1)));
  return range;
}

class HeatmapDrawing {
 public:
  explicit HeatmapDrawing(const Heatmap& map)
      : map_(map),
        rows_(map.cells.size()),
        columns_(rows_ > 0 ? map.cells.front().size() : 0),
        canvas_(map.title, map.subtitle, kRight),
        range_(range_of(map)),
        colors_(range_, area().bottom, area().top),
        x_(columns_of(map, columns_), area().left, area().right) {}

  std::string text() && {
    if (rows_ > 0 && columns_ > 0) {
      canvas_.add(R"(<g shape-rendering="crispEdges">)");
      for (std::size_t r = 0; r < rows_; ++r) row(r);
      canvas_.add("</g>");
      for (const AxisTick& t : x_.ticks()) canvas_.x_tick(x_.at(t.value), t.text, false);
      row_ticks();
      if (!range_.empty()) color_scale();
      if (has_grey_) grey_entry();
    } else {
      canvas_.no_data();
    }
    canvas_.frame();
    canvas_.x_label(map_.x_label);
    canvas_.y_label(map_.y_label);
    return std::move(canvas_).take();
  }

 private:
  const SvgCanvas::Area& area() const { return canvas_.area(); }

  // Whole pixels: between edges that are rounded elsewhere, the paper would shine through.
  double row_top(double r) const {
    return std::round(area().top + (area().bottom - area().top) * r / static_cast<double>(rows_));
  }
  double column_left(double c) const {
    return std::round(area().left +
                      (area().right - area().left) * c / static_cast<double>(columns_));
  }

  /// The step of a value's colour, or -1 if it has none.
  int step(double value) const {
    if (!colors_.shows(value)) return -1;
    return static_cast<int>(std::lround(colors_.share(value) * (kSteps - 1)));
  }
  static std::string step_color(int step) {
    return step < 0 ? std::string(kGrey) : heat_color(static_cast<double>(step) / (kSteps - 1));
  }

  /// Neighbours of one colour together.
  void row(std::size_t r) {
    const std::vector<double>& cells = map_.cells[r];
    const auto top = static_cast<double>(r);
    for (std::size_t c = 0; c < columns_;) {
      const std::size_t first = c;
      const int color = step(cells[first]);
      while (c < columns_ && step(cells[c]) == color) ++c;
      has_grey_ = has_grey_ || color < 0;
      canvas_.rect(column_left(static_cast<double>(first)), row_top(top),
                   column_left(static_cast<double>(c)), row_top(top + 1), step_color(color));
    }
  }

  /// At the middle of rows, every row if they are few.
  void row_ticks() {
    constexpr std::size_t kMost = 20;
    std::size_t every = 1;
    for (const std::size_t step : {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000}) {
      every = step;
      if (rows_ <= kMost * step) break;
    }
    for (std::size_t r = 0; r < rows_; ++r) {
      const std::int64_t number = map_.first_row + static_cast<std::int64_t>(r);
      if (number % static_cast<std::int64_t>(every) != 0) continue;
      canvas_.y_tick(row_top(static_cast<double>(r) + 0.5), std::to_string(number), false);
    }
  }

  void color_scale() {
    const double top = area().top, bottom = area().bottom;
    const auto edge = [&](int s) { return std::round(bottom + (top - bottom) * s / kSteps); };
    canvas_.add(R"(<g shape-rendering="crispEdges">)");
    for (int s = 0; s < kSteps; ++s) {
      canvas_.rect(kBarLeft, edge(s + 1), kBarRight, edge(s), step_color(s));
    }
    canvas_.add("</g>");
    canvas_.add(R"(<rect x="{}" y="{}" width="{}" height="{}" fill="none" stroke="#888888"/>)",
                kBarLeft, top, kBarRight - kBarLeft, bottom - top);
    for (const AxisTick& t : colors_.ticks()) {
      const double y = colors_.at(t.value);
      canvas_.add(R"(<line x1="{0}" y1="{2:.1f}" x2="{1}" y2="{2:.1f}" stroke="#888888"/>)",
                  kBarRight, kBarRight + 4, y);
      canvas_.text(kBarRight + 8, y + SvgCanvas::kFont * 0.35, t.text, "start", "#333333");
    }
    canvas_.upright_text(SvgCanvas::kWidth - 16, (top + bottom) / 2, map_.values.label);
  }

  void grey_entry() {
    const auto [x, y] = canvas_.legend_entry("no value");
    canvas_.rect(x - 5, y - 5, x + 5, y + 5, kGrey);
  }

  const Heatmap& map_;
  std::size_t rows_, columns_;
  SvgCanvas canvas_;
  AxisRange range_;
  AxisScale colors_, x_;
  bool has_grey_ = false;
};

}  // namespace

std::string heat_color(double share) {
  const double at = std::clamp(share, 0.0, 1.0) * (kViridis.size() - 1);
  const auto low = std::min(static_cast<std::size_t>(at), kViridis.size() - 2);
  const double part = at - static_cast<double>(low);
  std::array<int, 3> rgb{};
  for (std::size_t i = 0; i < rgb.size(); ++i) {
    rgb[i] = static_cast<int>(
        std::lround(kViridis[low][i] + part * (kViridis[low + 1][i] - kViridis[low][i])));
  }
  return fmt::format("#{:02x}{:02x}{:02x}", rgb[0], rgb[1], rgb[2]);
}

std::string svg_heatmap(const Heatmap& map) {
  require_table(map);
  return HeatmapDrawing(map).text();
}

}  // namespace pangu
