// SPDX-License-Identifier: Apache-2.0
#include "measure/roofline_plot.h"

#include <gmock/gmock.h>

namespace pangu {
namespace {

using ::testing::HasSubstr;

TEST(RooflinePlot, RoofsBeginWhereTheSlopeReachesThem) {
  Rooflines roofs;
  roofs.raise_bandwidth(50e9);
  roofs.raise_bandwidth(40e9);
  roofs.raise_peak(Arithmetic::kF32, 200e9);
  roofs.raise_peak(Arithmetic::kInt8, 1600e9);
  roofs.raise_peak(Arithmetic::kF32, 100e9);
  ASSERT_EQ(roofs.peaks.size(), 2u);
  const Plot plot =
      roofline_plot("t", "s", roofs, {{"bf16", true, 1, 45e9}, {"bf16", false, 300, 190e9}});
  ASSERT_EQ(plot.series.size(), 5u);
  const auto& slope = plot.series[0].points;
  EXPECT_DOUBLE_EQ(slope[0].y, slope[0].x * 50e9);
  EXPECT_DOUBLE_EQ(slope[2].x, 32);
  EXPECT_DOUBLE_EQ(slope[2].y, 1600e9);
  EXPECT_DOUBLE_EQ(plot.series[1].points[0].x, 4);
  EXPECT_DOUBLE_EQ(plot.series[1].points[1].x, 600);
  EXPECT_EQ(plot.series[1].points[1].label, "f32 peak 200 Gop/s");
  EXPECT_DOUBLE_EQ(plot.series[2].points[0].x, 32);
  EXPECT_EQ(plot.series[3].name, "decode");
  EXPECT_EQ(plot.series[4].points[0].y, 190e9);
  EXPECT_THAT(svg_plot(plot), HasSubstr("memory 50.0 GB/s"));
}

TEST(RooflinePlot, LeavesOutWhatWasNotMeasured) {
  EXPECT_TRUE(roofline_plot("t", "s", {}, {}).series.empty());
  const Plot plot =
      roofline_plot("t", "s", {.peaks = {{Arithmetic::kF32, 1e9}}}, {{"x", false, 9, 5e8}});
  ASSERT_EQ(plot.series.size(), 2u);
  EXPECT_EQ(plot.series[1].name, "prefill");
}

}  // namespace
}  // namespace pangu
