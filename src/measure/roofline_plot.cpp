// SPDX-License-Identifier: Apache-2.0
#include "measure/roofline_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pangu {
namespace {

/// The slope up to the highest roof, and each roof from the slope on.
void add_roofs(const Rooflines& roofs, double first, double last, std::vector<PlotSeries>& out) {
  double top = 0;
  for (const RooflinePeak& p : roofs.peaks) top = std::max(top, p.ops_per_s);
  if (roofs.bytes_per_s > 0) {
    const double end = top > 0 ? top / roofs.bytes_per_s : last;
    // The label goes with the middle: above it nothing can lie.
    const double middle = std::sqrt(first * end);
    out.push_back({.points = {{first, first * roofs.bytes_per_s},
                              {middle, middle * roofs.bytes_per_s,
                               fmt::format("memory {:.1f} GB/s", roofs.bytes_per_s / 1e9)},
                              {end, end * roofs.bytes_per_s}}});
  }
  for (const RooflinePeak& p : roofs.peaks) {
    const double ridge = roofs.bytes_per_s > 0 ? p.ops_per_s / roofs.bytes_per_s : first;
    out.push_back(
        {.mark = PlotSeries::Mark::kDashes,
         .points = {{ridge, p.ops_per_s},
                    {last, p.ops_per_s,
                     fmt::format("{} peak {:.0f} Gop/s", name(p.arithmetic), p.ops_per_s / 1e9)}}});
  }
}

}  // namespace

void Rooflines::raise_bandwidth(double value) {
  bytes_per_s = std::max(bytes_per_s, value);
}

void Rooflines::raise_peak(Arithmetic arithmetic, double ops_per_s) {
  const auto at = std::ranges::find(peaks, arithmetic, &RooflinePeak::arithmetic);
  if (at == peaks.end()) {
    peaks.push_back({arithmetic, ops_per_s});
  } else {
    at->ops_per_s = std::max(at->ops_per_s, ops_per_s);
  }
}

Plot roofline_plot(std::string title, std::string subtitle, const Rooflines& roofs,
                   const std::vector<RooflinePoint>& points) {
  Plot plot{.title = std::move(title),
            .subtitle = std::move(subtitle),
            .x = {.label = "operations per byte read", .log = true},
            .y = {.label = "operations per second", .log = true}};
  // The roofs reach past the points, and at least to where the highest begins.
  double first = 1, last = 1;
  for (const RooflinePoint& p : points) {
    first = std::min(first, p.ops_per_byte / 2);
    last = std::max(last, p.ops_per_byte * 2);
  }
  for (const RooflinePeak& p : roofs.peaks) {
    if (roofs.bytes_per_s > 0) last = std::max(last, 4 * p.ops_per_s / roofs.bytes_per_s);
  }
  add_roofs(roofs, first, last, plot.series);
  PlotSeries decode{.name = "decode", .mark = PlotSeries::Mark::kDots, .color = 1};
  PlotSeries prefill{.name = "prefill", .mark = PlotSeries::Mark::kSquares, .color = 2};
  for (const RooflinePoint& p : points) {
    (p.decode ? decode : prefill).points.push_back({p.ops_per_byte, p.ops_per_s, p.label});
  }
  for (PlotSeries* s : {&decode, &prefill}) {
    if (!s->points.empty()) plot.series.push_back(std::move(*s));
  }
  return plot;
}

}  // namespace pangu
