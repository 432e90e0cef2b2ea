// SPDX-License-Identifier: Apache-2.0
// Axes of plots: which values have ticks, and where values lie.
#pragma once

#include <string>
#include <vector>

namespace pangu {

struct PlotAxis {
  std::string label;  ///< with the unit
  bool log = false;   ///< base 10; values that are not positive are left out
};

struct AxisTick {
  double value;
  std::string text;  ///< "0.5", "20", "100k", "1.5T"
};

/// Round values within [min, max], rising: 1, 2 or 5 times a power of ten apart; on a logarithmic
/// axis powers of ten, with twice and five times those where there are few. None unless both ends
/// are finite, min < max, and min > 0 on a logarithmic axis.
std::vector<AxisTick> axis_ticks(double min, double max, bool log);

/// The smallest and the largest of the values that an axis can show; min > max while there is none.
struct AxisRange {
  explicit AxisRange(bool log_axis) : log(log_axis) {}

  void add(double value);
  bool empty() const { return min > max; }

  bool log;
  double min = 1, max = 0;
};

/// Values to pixels.
class AxisScale {
 public:
  /// Covers the range from pixel `from` to `to`; an empty one as [0, 1], or [1, 10] if logarithmic.
  /// `room_below` and `room_above` are shares of the range that are added to its ends. A range of
  /// one value gets some on both sides in any case.
  AxisScale(AxisRange range, double from, double to, double room_below = 0, double room_above = 0);

  bool shows(double value) const;
  double at(double value) const;
  /// Where a value lies among all that are covered, 0 to 1.
  double share(double value) const;
  std::vector<AxisTick> ticks() const;

 private:
  double place(double value) const;
  double value(double place) const;

  bool log_;
  double from_, to_;
  double begin_ = 0, end_ = 1;
};

}  // namespace pangu
