// SPDX-License-Identifier: Apache-2.0
// Plots are well-formed whatever is plotted, ticks are round, labels keep apart.
#include "io/svg_plot.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stack>

#include "io/svg_labels.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> texts(const std::vector<AxisTick>& ticks) {
  std::vector<std::string> out;
  for (const AxisTick& t : ticks) out.push_back(t.text);
  return out;
}

/// Every element is closed in order, attributes are quoted, text holds no bare < or &.
void expect_well_formed(const std::string& xml) {
  std::stack<std::string> open;
  for (std::size_t at = 0; at < xml.size();) {
    if (xml[at] == '&') {
      const std::size_t end = xml.find(';', at);
      ASSERT_LT(end - at, 7u) << xml.substr(at, 20);
    }
    if (xml[at] != '<') {
      ++at;
      continue;
    }
    const std::size_t end = xml.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = xml.substr(at + 1, end - at - 1);
    ASSERT_EQ(std::count(tag.begin(), tag.end(), '"') % 2, 0) << tag;
    ASSERT_EQ(tag.find('<'), std::string::npos) << tag;
    const std::string name = tag.substr(0, tag.find_first_of(" /", 1));
    if (tag.front() == '/') {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ("/" + open.top(), tag);
      open.pop();
    } else if (tag.back() != '/') {
      open.push(name);
    }
    at = end + 1;
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(xml.find("nan"), std::string::npos);
  EXPECT_EQ(xml.find("inf"), std::string::npos);
}

TEST(AxisTicks, LinearOnesAreRoundAndWithinTheRange) {
  EXPECT_THAT(texts(axis_ticks(0, 1, false)), ElementsAre("0", "0.2", "0.4", "0.6", "0.8", "1"));
  EXPECT_THAT(texts(axis_ticks(-1.3, 2.1, false)),
              ElementsAre("-1", "-0.5", "0", "0.5", "1", "1.5", "2"));
  EXPECT_THAT(texts(axis_ticks(0, 60000, false)),
              ElementsAre("0", "10k", "20k", "30k", "40k", "50k", "60k"));
  EXPECT_THAT(texts(axis_ticks(2.001, 2.0065, false)),
              ElementsAre("2.001", "2.002", "2.003", "2.004", "2.005", "2.006"));
}

TEST(AxisTicks, LogarithmicOnesArePowersOfTen) {
  EXPECT_THAT(texts(axis_ticks(0.4, 30, true)), ElementsAre("0.5", "1", "2", "5", "10", "20"));
  EXPECT_THAT(texts(axis_ticks(1e3, 1e9, true)),
              ElementsAre("1k", "10k", "100k", "1M", "10M", "100M", "1G"));
  // Less than a decade has few round powers.
  EXPECT_THAT(texts(axis_ticks(300, 600, true)),
              ElementsAre("300", "350", "400", "450", "500", "550", "600"));
  EXPECT_LE(axis_ticks(1e-300, 1e300, true).size(), 10u);
}

TEST(AxisTicks, NoneForRangesThatAreNone) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(axis_ticks(1, 1, false), IsEmpty());
  EXPECT_THAT(axis_ticks(2, 1, true), IsEmpty());
  EXPECT_THAT(axis_ticks(0, 1, true), IsEmpty());
  EXPECT_THAT(axis_ticks(nan, 1, false), IsEmpty());
  EXPECT_THAT(axis_ticks(0, std::numeric_limits<double>::infinity(), false), IsEmpty());
  // A range far narrower than its distance from zero would need digits that nobody reads.
  EXPECT_EQ(axis_ticks(1e9, 1e9 + 1e-3, false).size(), 1u);
}

TEST(EscapeXml, LeavesNothingThatXmlForbids) {
  EXPECT_EQ(escape_xml("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(escape_xml(std::string_view("x\0\x1By\n", 5)), "x\uFFFD\uFFFDy\n");
  EXPECT_EQ(escape_xml("\xFFz\xEF\xBF\xBE"), "\uFFFDz\uFFFD");
  EXPECT_EQ(escape_xml("盘古"), "盘古");
}

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
