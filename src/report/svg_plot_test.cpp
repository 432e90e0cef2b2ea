// SPDX-License-Identifier: Apache-2.0
// Plots are well-formed whatever is plotted, labels keep apart.
#include "report/svg_plot.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "report/svg_labels.h"
#include "tests/support/xml.h"

namespace pangu {
namespace {

using test::expect_well_formed;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(SvgPlot, ShowsWhatItIsGiven) {
  const Plot plot{.title = "Loss <of> a & b",
                  .subtitle = "two runs",
                  .x = {"step"},
                  .y = {"loss", true},
                  .series = {{.name = "train", .color = 1, .points = {{0, 4}, {10, 2}, {20, 1}}},
                             {.name = "eval",
                              .mark = PlotSeries::Mark::kSquares,
                              .color = 8,
                              .points = {{10, 3, "best"}}}}};
  const std::string svg = svg_plot(plot);
  expect_well_formed(svg);
  for (const char* text : {"<svg xmlns=", "Loss &lt;of&gt; a &amp; b", ">two runs<", ">step<",
                           ">loss<", ">train<", ">eval<", ">best<"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, Not(HasSubstr("no data")));
}

TEST(SvgPlot, SurvivesEmptyAndOddData) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  for (const bool log : {false, true}) {
    for (const std::vector<PlotPoint>& points : {std::vector<PlotPoint>{},
                                                 {{nan, 1}, {1, inf}},
                                                 {{3, 7, "one"}},
                                                 {{1e-9, 1e-9, "small"}},
                                                 {{5, 2}, {5, 2}},
                                                 {{1, 1}, {nan, nan}, {2, 1}}}) {
      for (const auto mark : {PlotSeries::Mark::kLine, PlotSeries::Mark::kDots}) {
        const std::string svg =
            svg_plot({.x = {"x", log}, .y = {"y", log}, .series = {{"s", mark, 2, points}}});
        expect_well_formed(svg);
        const bool any = std::any_of(points.begin(), points.end(), [](const PlotPoint& p) {
          return std::isfinite(p.x) && std::isfinite(p.y);
        });
        EXPECT_EQ(svg.find("no data") == std::string::npos, any);
      }
    }
  }
  expect_well_formed(svg_plot({}));
  EXPECT_THAT(svg_plot({.x = {"x", true}, .y = {"y"}, .series = {{.points = {{0, 1}, {-2, 3}}}}}),
              HasSubstr("no data"));
}

TEST(SvgPlot, ALineBreaksWhereAValueIsMissing) {
  const std::string svg =
      svg_plot({.series = {{.points = {{0, 0}, {1, 1}, {2, std::nan("")}, {3, 1}, {4, 0}}}}});
  const std::size_t path = svg.find("<path d=\"M");
  ASSERT_NE(path, std::string::npos);
  const std::string d = svg.substr(path, svg.find('/', path) - path);
  EXPECT_EQ(std::count(d.begin(), d.end(), 'M'), 2);
  EXPECT_EQ(std::count(d.begin(), d.end(), 'L'), 2);
}

TEST(LabelPlacer, LabelsCoverNeitherEachOtherNorPoints) {
  LabelPlacer placer;
  std::vector<LabelBox> marks;
  const auto crowd = [&](double x, double y) {
    placer.avoid_point(x, y);
    marks.push_back({x - 4, y - 4, x + 4, y + 4});
    placer.add(x, y, "w4a16-g64 x 8", "#000000", true);
  };
  for (int i = 0; i < 9; ++i) crowd(200 + 12 * (i % 3), 200 + 9 * (i / 3));
  crowd(2, 2);
  crowd(398, 398);
  const LabelBox area{0, 0, 400, 400};
  const auto placed = placer.place(area, 13);
  ASSERT_EQ(placed.size(), 11u);
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const LabelBox& b = placed[i].box;
    EXPECT_DOUBLE_EQ(b.overlap(area), (b.right - b.left) * (b.bottom - b.top));
    for (std::size_t j = 0; j < i; ++j) EXPECT_EQ(b.overlap(placed[j].box), 0) << i << ' ' << j;
    for (const LabelBox& m : marks) EXPECT_EQ(b.overlap(m), 0) << i;
  }
}

}  // namespace
}  // namespace pangu
