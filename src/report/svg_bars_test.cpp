// SPDX-License-Identifier: Apache-2.0
// Bars stand on zero beside each other, whatever the numbers, and names of categories keep apart.
#include "report/svg_bars.h"

#include <gmock/gmock.h>

#include <limits>

#include "report/svg_canvas.h"
#include "tests/support/support.h"
#include "tests/support/xml.h"

namespace pangu {
namespace {

using test::expect_well_formed;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kBarsNan = std::numeric_limits<double>::quiet_NaN();

TEST(SvgBars, ShowsWhatItIsGiven) {
  const std::string svg =
      svg_bars({.title = "Widths <of> layers",
                .subtitle = "a & b",
                .x_label = "layer",
                .y_label = "neurons",
                .categories = {"0", "1<", "2"},
                .series = {{"before", 0, {6144, 6144, 6144}}, {"after", 1, {6144, 4096}}}});
  expect_well_formed(svg);
  for (const char* text : {"Widths &lt;of&gt; layers", ">a &amp; b<", ">layer<", ">neurons<",
                           ">before<", ">after<", ">1&lt;<", ">6k<", ">0<"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, Not(HasSubstr("no data")));
}

TEST(SvgBars, BarsBeginAtZeroAndStandBesideEachOther) {
  const std::string svg = svg_bars({.categories = {"a"}, .series = {{"", 1, {2}}, {"", 2, {-1}}}});
  expect_well_formed(svg);
  // 840 wide, a quarter of it empty; zero lies above the bottom by a third and the room of 6 %.
  const double zero = 536 - 460 * (1.0 + 0.18) / 3.36, two = zero - 460 * 2 / 3.36;
  EXPECT_THAT(svg, HasSubstr(fmt::format(
                       R"(<rect x="193.0" y="{:.1f}" width="315.0" height="{:.1f}" fill="{}"/>)",
                       two, zero - two, series_color(1))));
  EXPECT_THAT(svg, HasSubstr(fmt::format(
                       R"(<rect x="508.0" y="{:.1f}" width="315.0" height="{:.1f}" fill="{}"/>)",
                       zero, 460 / 3.36, series_color(2))));
}

TEST(SvgBars, NamesThatHaveNoRoomAreLeftOut) {
  BarChart chart{.series = {{"", 1, {}}}};
  for (int i = 0; i < 100; ++i) {
    chart.categories.push_back(std::to_string(1000 + i));
    chart.series[0].values.push_back(i);
  }
  const std::string svg = svg_bars(chart);
  expect_well_formed(svg);
  EXPECT_THAT(svg, HasSubstr(">1000<"));
  EXPECT_THAT(svg, Not(HasSubstr(">1001<")));
}

TEST(SvgBars, SurvivesEmptyAndOddData) {
  for (const std::vector<double>& values : {std::vector<double>{},
                                            {kBarsNan, std::numeric_limits<double>::infinity()},
                                            {0, 0},
                                            {-3, -5},
                                            {1e-300, 1e300}}) {
    const std::string svg = svg_bars({.categories = {"a", "b"}, .series = {{"s", 9, values}}});
    expect_well_formed(svg);
    EXPECT_EQ(svg.find("no data") != svg.npos, values.empty() || values[0] != values[0]);
  }
  EXPECT_THAT(svg_bars({}), HasSubstr("no data"));
  expect_well_formed(svg_bars({}));
}

TEST(SvgBars, ValuesWithoutCategoriesAreRefused) {
  PANGU_EXPECT_ERROR(svg_bars({.title = "t", .categories = {"a"}, .series = {{"s", 1, {1, 2}}}}),
                     ShapeError, "'t'", "'s' has 2 values for 1 categories");
}

}  // namespace
}  // namespace pangu
