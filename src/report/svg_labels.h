// SPDX-License-Identifier: Apache-2.0
// Finds places for the labels of a plot's points, one after the other: of the places around each
// point, near ones first, the one that covers least. In pixels, y downwards.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pangu {

struct LabelBox {
  double left, top, right, bottom;

  /// Area that both cover.
  double overlap(const LabelBox& other) const;
};

struct PlacedLabel {
  double x, y;  ///< of the point
  std::string text;
  std::string_view color;
  LabelBox box;
  std::optional<std::pair<double, double>> leader;  ///< end of the line from the point, if far
};

/// An upper estimate for a sans-serif font of this size.
double text_width(std::string_view text, double font_size);

class LabelPlacer {
 public:
  void avoid_point(double x, double y);
  void avoid_line(double x1, double y1, double x2, double y2);
  /// `color` must outlive the placer. A label that may not be led to its point stays close.
  void add(double x, double y, std::string text, std::string_view color, bool may_lead);

  std::vector<PlacedLabel> place(const LabelBox& area, double font_size) const;

 private:
  struct Wish {
    double x, y;
    std::string text;
    std::string_view color;
    bool may_lead;
  };
  struct Segment {
    double x1, y1, x2, y2;
  };

  double cost(const LabelBox& box, const LabelBox& area,
              const std::vector<PlacedLabel>& placed) const;
  /// Length of the lines within a box, in pixels, about.
  double covered_lines(const LabelBox& box) const;

  std::vector<Wish> wishes_;
  std::vector<LabelBox> marks_;
  std::vector<Segment> lines_;
};

}  // namespace pangu
