// SPDX-License-Identifier: Apache-2.0
// Text is escaped wherever it comes from, and pages are well-formed.
#include "report/svg_canvas.h"

#include <gmock/gmock.h>

#include "tests/support/xml.h"

namespace pangu {
namespace {

using ::testing::HasSubstr;

TEST(EscapeXml, LeavesNothingThatXmlForbids) {
  EXPECT_EQ(escape_xml("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(escape_xml(std::string_view("x\0\x1By\n", 5)), "x\uFFFD\uFFFDy\n");
  EXPECT_EQ(escape_xml("\xFFz\xEF\xBF\xBE"), "\uFFFDz\uFFFD");
  EXPECT_EQ(escape_xml("盘古"), "盘古");
}

TEST(SvgCanvas, IsAPageWhateverIsWrittenOnIt) {
  SvgCanvas canvas("<title> & co", "\"sub\"", 800);
  EXPECT_EQ(canvas.area().right, 800);
  canvas.x_tick(100, "<1>", true);
  canvas.y_tick(100, "&", false);
  canvas.x_label("x'");
  canvas.y_label("y<");
  canvas.frame();
  const auto first = canvas.legend_entry("one"), second = canvas.legend_entry("two & more");
  EXPECT_EQ(first.second, second.second);
  EXPECT_GT(second.first, first.first + 28);
  canvas.no_data();
  const std::string svg = std::move(canvas).take();
  test::expect_well_formed(svg);
  for (const char* text : {"&lt;title&gt; &amp; co", "&quot;sub&quot;", "&lt;1&gt;", ">&amp;<",
                           "x&#39;", "rotate(-90 24.0 ", "no data", "two &amp; more"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  // Without a subtitle there is more room.
  EXPECT_LT(SvgCanvas("t", "").area().top, SvgCanvas("t", "s").area().top);
}

TEST(SeriesColor, AnyNumberHasOne) {
  EXPECT_EQ(series_color(-1), series_color(0));
  EXPECT_EQ(series_color(8), series_color(2));
  EXPECT_NE(series_color(1), series_color(2));
}

}  // namespace
}  // namespace pangu
