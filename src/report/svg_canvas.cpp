// SPDX-License-Identifier: Apache-2.0
// Colours are those of Okabe and Ito (2008), which people with any colour vision tell apart.
#include "report/svg_canvas.h"

#include <array>

#include "base/utf8.h"
#include "report/svg_labels.h"

namespace pangu {
namespace {

constexpr double kLeft = 88, kBottom = 536;
constexpr std::array<std::string_view, 6> kColors{"#444444", "#0072B2", "#D55E00",
                                                  "#009E73", "#AA4499", "#B8860B"};
constexpr std::string_view kTickColor = "#333333", kLabelColor = "#111111";

}  // namespace

std::string escape_xml(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8::next(text, at);
    if (c == U'&') {
      out += "&amp;";
    } else if (c == U'<') {
      out += "&lt;";
    } else if (c == U'>') {
      out += "&gt;";
    } else if (c == U'"') {
      out += "&quot;";
    } else if (c == U'\'') {
      out += "&#39;";
    } else {
      const bool forbidden =
          (c < 0x20 && c != U'\t' && c != U'\n' && c != U'\r') || c == 0xFFFE || c == 0xFFFF;
      utf8::append(out, forbidden ? char32_t{0xFFFD} : c);
    }
  }
  return out;
}

std::string_view series_color(int color) {
  return kColors[static_cast<std::size_t>(color < 0 ? 0 : color) % kColors.size()];
}

SvgCanvas::SvgCanvas(std::string_view title, std::string_view subtitle, double right)
    : area_{kLeft, subtitle.empty() ? 76.0 : 98.0, right, kBottom}, legend_end_(kLeft) {
  add(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" )"
      R"(font-family="DejaVu Sans, Verdana, Helvetica, Arial, sans-serif">)",
      kWidth, kHeight);
  add("<title>{}</title>", escape_xml(title));
  add(R"(<rect width="{}" height="{}" fill="#ffffff"/>)", kWidth, kHeight);
  text(kLeft, 32, title, "start", kLabelColor, 19, R"( font-weight="bold")");
  if (!subtitle.empty()) text(kLeft, 54, subtitle, "start", "#555555");
}

void SvgCanvas::text(double x, double y, std::string_view text, std::string_view anchor,
                     std::string_view color, double size, std::string_view more) {
  add(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="{}" font-size="{}"{}>{}</text>)", x, y,
      anchor, color, size, more, escape_xml(text));
}

void SvgCanvas::upright_text(double x, double y, std::string_view words) {
  text(x, y, words, "middle", kLabelColor, 14,
       fmt::format(R"~( transform="rotate(-90 {:.1f} {:.1f})")~", x, y));
}

void SvgCanvas::rect(double left, double top, double right, double bottom, std::string_view color) {
  add(R"(<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>)", left, top,
      right - left, bottom - top, color);
}

void SvgCanvas::x_tick(double x, std::string_view words, bool line) {
  add(R"(<line x1="{0:.1f}" y1="{1:.1f}" x2="{0:.1f}" y2="{2:.1f}" stroke="{3}"/>)", x,
      line ? area_.top : area_.bottom, line ? area_.bottom : area_.bottom + 4,
      line ? "#e4e4e4" : "#888888");
  text(x, area_.bottom + 19, words, "middle", kTickColor);
}

void SvgCanvas::y_tick(double y, std::string_view words, bool line) {
  add(R"(<line x1="{0:.1f}" y1="{1:.1f}" x2="{2:.1f}" y2="{1:.1f}" stroke="{3}"/>)",
      line ? area_.left : area_.left - 4, y, line ? area_.right : area_.left,
      line ? "#e4e4e4" : "#888888");
  text(area_.left - 8, y + kFont * 0.35, words, "end", kTickColor);
}

void SvgCanvas::x_label(std::string_view label) {
  text((area_.left + area_.right) / 2, kHeight - 20, label, "middle", kLabelColor, 14);
}

void SvgCanvas::y_label(std::string_view label) {
  upright_text(24, (area_.top + area_.bottom) / 2, label);
}

void SvgCanvas::frame() {
  add(R"(<rect x="{}" y="{}" width="{}" height="{}" fill="none" stroke="#888888"/>)", area_.left,
      area_.top, area_.right - area_.left, area_.bottom - area_.top);
}

std::pair<double, double> SvgCanvas::legend_entry(std::string_view name) {
  const double x = legend_end_, y = area_.top - 18;
  text(x + 28, y + kFont * 0.35, name, "start", kTickColor);
  legend_end_ += 28 + text_width(name, kFont) + 22;
  return {x + 11, y};
}

void SvgCanvas::no_data() {
  text((area_.left + area_.right) / 2, (area_.top + area_.bottom) / 2, "no data", "middle",
       kColors[0], 16);
}

std::string SvgCanvas::take() && {
  return std::move(out_) + "</svg>\n";
}

}  // namespace pangu
