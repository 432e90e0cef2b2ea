// SPDX-License-Identifier: Apache-2.0
// A line on the terminal that shows how far long work is, how fast it goes and how long it takes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/resources.h"

namespace pangu::app {

/// "loading   25% [=====               ] 150M parameters/s, 12 s left"
std::string progress_line(std::string_view what, std::int64_t done, std::int64_t total,
                          double seconds, std::string_view unit);

/// Appears after a second, is drawn anew ten times a second, and leaves nothing behind. Where less
/// is done than before, other work has begun, and so does its clock.
class ProgressBar {
 public:
  /// `visible` is false where nobody would see it, or asked for quiet.
  ProgressBar(std::string unit, bool visible);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void update(std::string_view what, std::int64_t done, std::int64_t total);
  /// Wipes the line.
  void clear();

 private:
  std::string unit_;
  bool visible_;
  bool drawn_ = false;
  double next_draw_s_ = 1.0;
  std::int64_t done_ = 0;
  Stopwatch watch_;
};

}  // namespace pangu::app
