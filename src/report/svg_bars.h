// SPDX-License-Identifier: Apache-2.0
// Grouped bars as SVG text: for each category a bar of every series, such as the sizes of each
// layer before and after.
#pragma once

#include <string>
#include <vector>

namespace pangu {

struct BarSeries {
  std::string name;  ///< in the legend; left out of it if empty
  int color = 1;     ///< series_color()
  /// One for each category. What is not finite, or missing at the end, has no bar.
  std::vector<double> values;
};

struct BarChart {
  std::string title, subtitle;
  std::string x_label, y_label;  ///< with units
  std::vector<std::string> categories;
  std::vector<BarSeries> series;
};

/// The picture, 960 by 600, newline at its end. Bars begin at 0. Where the names of all categories
/// have no room, every second is left out, or more. Without bars it says "no data".
/// Throws ShapeError for a series with more values than there are categories.
std::string svg_bars(const BarChart& chart);

}  // namespace pangu
