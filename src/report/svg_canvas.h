// SPDX-License-Identifier: Apache-2.0
// What all pictures of the program share: a white page of 960 by 600 with a title, a framed area
// for the data with axes at its left and bottom, and a legend above it. W3C SVG 1.1, without
// scripts, fonts or files of its own. Pixels, y downwards.
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "report/svg_axis.h"

namespace pangu {

/// Text fit for XML content and attributes: &, <, >, quotes escaped, ill-formed UTF-8 and what XML
/// 1.0 forbids replaced by U+FFFD.
std::string escape_xml(std::string_view text);

/// Colours of series: 0 to 5 are dark grey, blue, vermilion, green, purple, amber; larger ones wrap
/// around, negative ones are 0. People with any colour vision tell them apart.
std::string_view series_color(int color);

class SvgCanvas {
 public:
  static constexpr double kWidth = 960, kHeight = 600;
  static constexpr double kFont = 13;

  /// Of the area for the data.
  struct Area {
    double left, top, right, bottom;
  };

  /// Begins the page. `right` is where the area is to end.
  SvgCanvas(std::string_view title, std::string_view subtitle, double right = 928);

  const Area& area() const { return area_; }

  /// Appends an element, and a line break.
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  /// `more` is for further attributes, beginning with a blank.
  void text(double x, double y, std::string_view text, std::string_view anchor,
            std::string_view color, double size = kFont, std::string_view more = "");
  /// Text that is read from below, its middle at (x, y).
  void upright_text(double x, double y, std::string_view text);
  void rect(double left, double top, double right, double bottom, std::string_view color);

  // Of the axes: ticks with their texts and, if wanted, lines across the area; labels; the frame.
  void x_tick(double x, std::string_view text, bool line);
  void y_tick(double y, std::string_view text, bool line);
  void x_label(std::string_view label);
  void y_label(std::string_view label);
  void frame();

  /// Makes room for an entry of the legend, and returns the middle of its mark, which is 22 wide.
  std::pair<double, double> legend_entry(std::string_view name);
  void no_data();

  /// Ends the page.
  std::string take() &&;

 private:
  Area area_;
  double legend_end_;
  std::string out_;
};

}  // namespace pangu
