// SPDX-License-Identifier: Apache-2.0
// Line and point plots as SVG text (W3C SVG 1.1), without scripts, fonts or files of their own.
//
// Points may have labels, which are put where they cover neither each other nor points, and lines
// as little as possible; a label that had to move away is joined to its point by a thin line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/svg_axis.h"

namespace pangu {

struct PlotPoint {
  double x = 0, y = 0;
  std::string label = {};
};

struct PlotSeries {
  enum class Mark : std::uint8_t { kLine, kDashes, kDots, kSquares };

  std::string name;  ///< in the legend; left out of it if empty
  Mark mark = Mark::kLine;
  int color = 0;  ///< series_color()
  /// A line breaks at points that are not finite.
  std::vector<PlotPoint> points;
};

struct Plot {
  std::string title, subtitle;
  PlotAxis x, y;
  std::vector<PlotSeries> series;
};

/// The plot, 960 by 600, newline at its end. Axes cover all points; without any, it says "no data".
std::string svg_plot(const Plot& plot);

}  // namespace pangu
