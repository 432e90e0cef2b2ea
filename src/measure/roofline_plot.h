// SPDX-License-Identifier: Apache-2.0
// Measurements in the roofline model (Williams et al. 2009, doi:10.1145/1498765.1498785):
// operations per byte read across, operations per second upwards, both logarithmic. Nothing can lie
// above the slope that the read bandwidth makes, or above the flat roof of its arithmetic.
#pragma once

#include <string>
#include <vector>

#include "report/svg_plot.h"
#include "tensor/arithmetic.h"

namespace pangu {

struct RooflinePeak {
  Arithmetic arithmetic;
  double ops_per_s;
};

struct Rooflines {
  double bytes_per_s = 0;  ///< 0: not measured
  std::vector<RooflinePeak> peaks;

  /// Takes a measurement: the best of all of them is the roof.
  void raise_bandwidth(double value);
  void raise_peak(Arithmetic arithmetic, double ops_per_s);
};

struct RooflinePoint {
  std::string label;
  bool decode;  ///< or prefill
  double ops_per_byte, ops_per_s;
};

Plot roofline_plot(std::string title, std::string subtitle, const Rooflines& roofs,
                   const std::vector<RooflinePoint>& points);

}  // namespace pangu
