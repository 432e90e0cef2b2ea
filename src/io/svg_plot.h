// SPDX-License-Identifier: Apache-2.0
// Line and point plots as SVG text (W3C SVG 1.1), without scripts, fonts or files of their own.
//
// Points may have labels, which are put where they cover neither each other nor points, and lines
// as little as possible; a label that had to move away is joined to its point by a thin line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pangu {

struct PlotAxis {
  std::string label;  ///< with the unit
  bool log = false;   ///< base 10; values that are not positive are left out
};

struct PlotPoint {
  double x = 0, y = 0;
  std::string label = {};
};

struct PlotSeries {
  enum class Mark : std::uint8_t { kLine, kDashes, kDots, kSquares };

  std::string name;  ///< in the legend; left out of it if empty
  Mark mark = Mark::kLine;
  int color = 0;  ///< 0 to 5: dark grey, blue, vermilion, green, purple, amber; larger wrap around
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

struct AxisTick {
  double value;
  std::string text;  ///< "0.5", "20", "100k", "1.5T"
};

/// Round values within [min, max], rising: 1, 2 or 5 times a power of ten apart; on a logarithmic
/// axis powers of ten, with twice and five times those where there are few. None unless both ends
/// are finite, min < max, and min > 0 on a logarithmic axis.
std::vector<AxisTick> axis_ticks(double min, double max, bool log);

/// Text fit for XML content and attributes: &, <, >, quotes escaped, ill-formed UTF-8 and what XML
/// 1.0 forbids replaced by U+FFFD.
std::string escape_xml(std::string_view text);

}  // namespace pangu
