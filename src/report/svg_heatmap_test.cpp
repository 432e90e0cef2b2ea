// SPDX-License-Identifier: Apache-2.0
// Heat maps have every cell in its colour, whatever the numbers, and stay well-formed.
#include "report/svg_heatmap.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "pangu/error.h"
#include "tests/support/support.h"
#include "tests/support/xml.h"

namespace pangu {
namespace {

using test::expect_well_formed;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kHeatmapNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(HeatColor, IsBrighterForMoreAndKeepsToItsEnds) {
  EXPECT_EQ(heat_color(0), "#440154");
  EXPECT_EQ(heat_color(0.5), "#21918c");
  EXPECT_EQ(heat_color(1), "#fde725");
  EXPECT_EQ(heat_color(-3), heat_color(0));
  EXPECT_EQ(heat_color(7), heat_color(1));
  double last = -1;
  for (int i = 0; i <= 100; ++i) {
    const std::string c = heat_color(i / 100.0);
    ASSERT_EQ(c.size(), 7u);
    const auto part = [&](std::size_t at) { return std::stoi(c.substr(at, 2), nullptr, 16); };
    const double luminance = 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
    EXPECT_GE(luminance, last) << i;
    last = luminance;
  }
}

TEST(SvgHeatmap, ShowsWhatItIsGiven) {
  const std::string svg = svg_heatmap({.title = "Importance <of> neurons",
                                       .subtitle = "a & b",
                                       .x_label = "neurons, by importance",
                                       .y_label = "layer",
                                       .x_begin = 0,
                                       .x_end = 6144,
                                       .values = {"activation"},
                                       .cells = {{0, 1, 2}, {2, 4, kHeatmapNan}}});
  expect_well_formed(svg);
  for (const char* text :
       {"Importance &lt;of&gt; neurons", ">a &amp; b<", ">neurons, by importance<", ">layer<",
        ">activation<", ">6k<", ">no value<", "fill=\"#bbbbbb\""}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, Not(HasSubstr("no data")));
  // The first cell and the foot of the scale have the least colour, the largest and its head the
  // greatest.
  EXPECT_EQ(count(svg, "#440154"), 2);
  EXPECT_EQ(count(svg, "#fde725"), 2);
}

TEST(SvgHeatmap, CellsLieInRowsAndColumns) {
  const std::string svg = svg_heatmap({.cells = {{1, 2}, {3, 4}}});
  // 720 by 460 from (88, 76): four cells of 360 by 230.
  for (const char* at : {"x=\"88.0\" y=\"76.0\"", "x=\"448.0\" y=\"76.0\"",
                         "x=\"88.0\" y=\"306.0\"", "x=\"448.0\" y=\"306.0\""}) {
    EXPECT_THAT(svg, HasSubstr(std::string("<rect ") + at + " width=\"360.0\" height=\"230.0\""));
  }
  // Neighbours of one colour are one rectangle.
  EXPECT_THAT(svg_heatmap({.cells = {{1, 1}, {3, 4}}}),
              HasSubstr("<rect x=\"88.0\" y=\"76.0\" width=\"720.0\" height=\"230.0\""));
}

TEST(SvgHeatmap, ManyRowsHaveTicksThatAreApart) {
  Heatmap map;
  map.cells.assign(80, {1, 2});
  map.first_row = 1;
  const std::string svg = svg_heatmap(map);
  expect_well_formed(svg);
  EXPECT_THAT(svg, HasSubstr(">5<"));
  EXPECT_THAT(svg, HasSubstr(">80<"));
  EXPECT_THAT(svg, Not(HasSubstr(">7<")));
}

TEST(SvgHeatmap, SurvivesEmptyAndOddData) {
  for (const bool log : {false, true}) {
    for (const std::vector<std::vector<double>>& cells :
         {std::vector<std::vector<double>>{},
          {{}, {}},
          {{kHeatmapNan, kInf}, {-kInf, kHeatmapNan}},
          {{3}},
          {{0, 0}, {0, 0}},
          {{-1, 0, 1e-300}, {1e300, 5, kInf}}}) {
      const std::string svg = svg_heatmap({.values = {"v", log}, .cells = cells});
      expect_well_formed(svg);
      EXPECT_EQ(svg.find("no data") != svg.npos, cells.empty() || cells.front().empty());
    }
  }
  EXPECT_THAT(svg_heatmap({.values = {"v", true}, .cells = {{0, 1}}}), HasSubstr("no value"));
  EXPECT_THAT(svg_heatmap({.values = {"v", false}, .cells = {{0, 1}}}), Not(HasSubstr("no value")));
}

TEST(SvgHeatmap, RowsOfDifferentLengthsAreRefused) {
  PANGU_EXPECT_ERROR(svg_heatmap({.title = "t", .cells = {{1, 2}, {1}}}), ShapeError, "'t'",
                     "row 1 has 1 cells", "first one 2");
}

}  // namespace
}  // namespace pangu
