// SPDX-License-Identifier: Apache-2.0
#include "report/svg_labels.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pangu {
namespace {

constexpr double kMark = 6;  // half the side of a point's mark, with a rim

struct Direction {
  int dx, dy;
};
constexpr Direction kDirections[] = {{1, 0},  {-1, 0}, {0, -1},  {0, 1},
                                     {1, -1}, {1, 1},  {-1, -1}, {-1, 1}};
constexpr double kDistances[] = {9, 18, 30, 44, 60, 80};

/// A box of this size beside the point (x, y), `distance` away in this direction.
LabelBox box_at(double x, double y, Direction to, double distance, double width, double height) {
  const double d = to.dx != 0 && to.dy != 0 ? distance * 0.7 : distance;
  const double left = to.dx > 0 ? x + d : to.dx < 0 ? x - d - width : x - width / 2;
  const double top = to.dy > 0 ? y + d : to.dy < 0 ? y - d - height : y - height / 2;
  return {left, top, left + width, top + height};
}

}  // namespace

double LabelBox::overlap(const LabelBox& other) const {
  const double width = std::min(right, other.right) - std::max(left, other.left);
  const double height = std::min(bottom, other.bottom) - std::max(top, other.top);
  return width > 0 && height > 0 ? width * height : 0;
}

double text_width(std::string_view text, double font_size) {
  const auto characters =
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  return static_cast<double>(characters) * font_size * 0.62;
}

void LabelPlacer::avoid_point(double x, double y) {
  marks_.push_back({x - kMark, y - kMark, x + kMark, y + kMark});
}

void LabelPlacer::avoid_line(double x1, double y1, double x2, double y2) {
  lines_.push_back({x1, y1, x2, y2});
}

void LabelPlacer::add(double x, double y, std::string text, std::string_view color, bool may_lead) {
  wishes_.push_back({x, y, std::move(text), color, may_lead});
}

double LabelPlacer::covered_lines(const LabelBox& box) const {
  constexpr double kStep = 3;
  double length = 0;
  for (const Segment& s : lines_) {
    if (std::max(s.x1, s.x2) < box.left || std::min(s.x1, s.x2) > box.right ||
        std::max(s.y1, s.y2) < box.top || std::min(s.y1, s.y2) > box.bottom) {
      continue;
    }
    const double steps = std::ceil(std::hypot(s.x2 - s.x1, s.y2 - s.y1) / kStep);
    for (double i = 0; i <= steps; ++i) {
      const double part = steps > 0 ? i / steps : 0;
      const double x = s.x1 + part * (s.x2 - s.x1), y = s.y1 + part * (s.y2 - s.y1);
      if (x >= box.left && x <= box.right && y >= box.top && y <= box.bottom) length += kStep;
    }
  }
  return length;
}

double LabelPlacer::cost(const LabelBox& box, const LabelBox& area,
                         const std::vector<PlacedLabel>& placed) const {
  const double whole = (box.right - box.left) * (box.bottom - box.top);
  double cost = 100 * (whole - box.overlap(area)) + 2 * covered_lines(box);
  for (const LabelBox& m : marks_) cost += 20 * box.overlap(m);
  for (const PlacedLabel& p : placed) cost += 20 * box.overlap(p.box);
  return cost;
}

std::vector<PlacedLabel> LabelPlacer::place(const LabelBox& area, double font_size) const {
  std::vector<PlacedLabel> placed;
  for (const Wish& w : wishes_) {
    const double width = text_width(w.text, font_size), height = font_size * 1.25;
    double best = std::numeric_limits<double>::infinity();
    LabelBox box{};
    bool far = false;
    for (const double distance : kDistances) {
      if (distance > kDistances[1] && !w.may_lead) break;
      for (const Direction to : kDirections) {
        const LabelBox at = box_at(w.x, w.y, to, distance, width, height);
        // The upper left of a line is where a rising one, as well as a flat one, leaves room.
        const double taste = w.may_lead ? 0 : to.dx + to.dy;
        const double c = cost(at, area, placed) + distance + taste;
        if (c < best) best = c, box = at, far = distance > kDistances[1];
      }
    }
    PlacedLabel label{w.x, w.y, w.text, w.color, box, std::nullopt};
    if (far) {
      label.leader = {std::clamp(w.x, box.left, box.right), std::clamp(w.y, box.top, box.bottom)};
    }
    placed.push_back(std::move(label));
  }
  return placed;
}

}  // namespace pangu
