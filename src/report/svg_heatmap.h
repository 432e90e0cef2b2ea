// SPDX-License-Identifier: Apache-2.0
// Heat maps as SVG text: a table of numbers as colours, such as one row for each layer of a model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/svg_axis.h"

namespace pangu {

struct Heatmap {
  std::string title, subtitle;
  std::string x_label, y_label;  ///< with units
  /// What the columns cover together, from the left edge of the first to the right of the last;
  /// begin >= end stands for 0 to the number of columns.
  double x_begin = 0, x_end = 0;
  std::int64_t first_row = 0;  ///< the number of the top row: rows are counted downwards
  PlotAxis values;  ///< of the colours: label with unit, and whether they are logarithmic
  /// Rows of the same length. What is not finite, and on a logarithmic scale not positive, is grey.
  std::vector<std::vector<double>> cells;
};

/// The picture, 960 by 600, newline at its end, with a scale of colours from the smallest value to
/// the largest at its right. Without cells it says "no data".
/// Throws ShapeError unless all rows are as long as the first.
std::string svg_heatmap(const Heatmap& map);

/// The colour of a share from 0 to 1, "#440154" to "#fde725": brighter is more, in even steps for
/// any colour vision and in print. Shares beyond are cut off.
/// source  viridis of matplotlib (van der Walt & Smith 2015, CC0), nine points with lines between.
std::string heat_color(double share);

}  // namespace pangu
