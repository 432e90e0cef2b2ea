// SPDX-License-Identifier: Apache-2.0
// Colours are those of Okabe and Ito (2008), which people with any colour vision tell apart.
#include "io/svg_plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <utility>

#include "base/utf8.h"
#include "io/svg_labels.h"

namespace pangu {
namespace {

constexpr double kWidth = 960, kHeight = 600;
constexpr double kLeft = 88, kRight = 928, kBottom = 536;
constexpr double kFont = 13;
constexpr std::array<std::string_view, 6> kColors{"#444444", "#0072B2", "#D55E00",
                                                  "#009E73", "#AA4499", "#B8860B"};

std::string_view color_of(const PlotSeries& s) {
  return kColors[static_cast<std::size_t>(s.color < 0 ? 0 : s.color) % kColors.size()];
}

bool is_line(const PlotSeries& s) {
  return s.mark == PlotSeries::Mark::kLine || s.mark == PlotSeries::Mark::kDashes;
}

/// "250k", "1.5T", "0.001".
std::string si_text(double value) {
  constexpr std::pair<double, const char*> kPrefixes[] = {
      {1e15, "P"}, {1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
  for (const auto& [size, prefix] : kPrefixes) {
    if (std::abs(value) >= size * 0.9999999 && std::abs(value) < 1e18) {
      return fmt::format("{:.7g}{}", value / size, prefix);
    }
  }
  return fmt::format("{:.7g}", value);
}

/// The step among 1, 2, 5 times a power of ten that cuts `span` into about six.
double round_step(double span) {
  const double power = std::pow(10.0, std::floor(std::log10(span / 6)));
  const double lead = span / 6 / power;
  return (lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10) * power;
}

std::vector<AxisTick> linear_ticks(double min, double max) {
  std::vector<AxisTick> ticks;
  const double step = round_step(max - min);
  const double slack = step * 1e-9;
  // Too close to each other for their digits: nothing but the ends could be told apart.
  if (!(step > std::max(std::abs(min), std::abs(max)) * 1e-6)) return {{min, si_text(min)}};
  for (double i = std::ceil((min - slack) / step); i * step <= max + slack; ++i) {
    ticks.push_back({i * step, si_text(i == 0 ? 0.0 : i * step)});
  }
  return ticks;
}

std::vector<AxisTick> log_ticks(double min, double max) {
  const double decades = std::log10(max / min);
  if (decades < 0.6) return linear_ticks(min, max);
  const int every = decades <= 10 ? 1 : static_cast<int>(std::ceil(decades / 8));
  std::vector<AxisTick> ticks;
  for (int e = static_cast<int>(std::floor(std::log10(min))); std::pow(10.0, e) <= max; ++e) {
    for (const double lead : {1.0, 2.0, 5.0}) {
      const double value = lead * std::pow(10.0, e);
      const bool wanted = lead == 1.0 ? e % every == 0 : decades <= 3.5;
      if (wanted && value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9)) {
        ticks.push_back({value, si_text(value)});
      }
    }
  }
  return ticks;
}

/// Values to pixels.
class Scale {
 public:
  /// Covers [min, max], with room at both ends, from pixel `from` to `to`.
  Scale(double min, double max, bool log, double from, double to)
      : log_(log), from_(from), to_(to) {
    if (min > max) std::tie(min, max) = log ? std::pair(1.0, 10.0) : std::pair(0.0, 1.0);
    begin_ = place(min), end_ = place(max);
    const double least = log ? 0.3 : std::max(std::abs(min), 1e-6) * 0.1;
    const double room = std::max((end_ - begin_) * 0.06, begin_ == end_ ? least : 0.0);
    begin_ -= room, end_ += room;
  }

  bool shows(double value) const { return std::isfinite(value) && (!log_ || value > 0); }
  double at(double value) const {
    return from_ + (to_ - from_) * (place(value) - begin_) / (end_ - begin_);
  }
  std::vector<AxisTick> ticks() const { return axis_ticks(value(begin_), value(end_), log_); }

 private:
  double place(double value) const { return log_ ? std::log10(value) : value; }
  double value(double place) const { return log_ ? std::pow(10.0, place) : place; }

  bool log_;
  double from_, to_;
  double begin_ = 0, end_ = 1;
};

Scale scale_of(const Plot& plot, const PlotAxis& axis, double PlotPoint::*coordinate, double from,
               double to) {
  double min = std::numeric_limits<double>::infinity(), max = -min;
  for (const PlotSeries& s : plot.series) {
    for (const PlotPoint& p : s.points) {
      const double v = p.*coordinate;
      if (!std::isfinite(v) || (axis.log && v <= 0)) continue;
      min = std::min(min, v), max = std::max(max, v);
    }
  }
  return {min, max, axis.log, from, to};
}

class Drawing {
 public:
  explicit Drawing(const Plot& plot)
      : plot_(plot),
        top_(plot.subtitle.empty() ? 76 : 98),
        x_(scale_of(plot, plot.x, &PlotPoint::x, kLeft, kRight)),
        y_(scale_of(plot, plot.y, &PlotPoint::y, kBottom, top_)) {}

  std::string text() && {
    begin();
    axes();
    legend();
    bool any = false;
    for (const PlotSeries& s : plot_.series) any |= series(s);
    if (!any) {
      label((kLeft + kRight) / 2, (top_ + kBottom) / 2, "no data", "middle", kColors[0], 16);
    }
    labels();
    out_ += "</svg>\n";
    return std::move(out_);
  }

 private:
  template <class... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
    out_ += '\n';
  }

  void label(double x, double y, std::string_view text, std::string_view anchor,
             std::string_view color, double size, std::string_view more = "") {
    add(R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="{}" font-size="{}"{}>{}</text>)", x,
        y, anchor, color, size, more, escape_xml(text));
  }

  void begin() {
    add(R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" viewBox="0 0 {0} {1}" )"
        R"(font-family="DejaVu Sans, Verdana, Helvetica, Arial, sans-serif">)",
        kWidth, kHeight);
    add("<title>{}</title>", escape_xml(plot_.title));
    add(R"(<rect width="{}" height="{}" fill="#ffffff"/>)", kWidth, kHeight);
    label(kLeft, 32, plot_.title, "start", "#111111", 19, R"( font-weight="bold")");
    if (!plot_.subtitle.empty()) label(kLeft, 54, plot_.subtitle, "start", "#555555", kFont);
  }

  void axes() {
    for (const AxisTick& t : x_.ticks()) {
      grid(x_.at(t.value), top_, x_.at(t.value), kBottom);
      label(x_.at(t.value), kBottom + 19, t.text, "middle", "#333333", kFont);
    }
    for (const AxisTick& t : y_.ticks()) {
      grid(kLeft, y_.at(t.value), kRight, y_.at(t.value));
      label(kLeft - 8, y_.at(t.value) + kFont * 0.35, t.text, "end", "#333333", kFont);
    }
    add(R"(<rect x="{}" y="{}" width="{}" height="{}" fill="none" stroke="#888888"/>)", kLeft, top_,
        kRight - kLeft, kBottom - top_);
    label((kLeft + kRight) / 2, kHeight - 20, plot_.x.label, "middle", "#111111", 14);
    const double middle = (top_ + kBottom) / 2;
    label(24, middle, plot_.y.label, "middle", "#111111", 14,
          fmt::format(R"~( transform="rotate(-90 24 {:.1f})")~", middle));
  }

  void grid(double x1, double y1, double x2, double y2) {
    add(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="#e4e4e4"/>)", x1, y1, x2,
        y2);
  }

  void legend() {
    double x = kLeft;
    for (const PlotSeries& s : plot_.series) {
      if (s.name.empty()) continue;
      const double y = top_ - 18;
      if (is_line(s)) {
        stroke(s, fmt::format("M{:.1f} {:.1f}H{:.1f}", x, y, x + 22));
      } else {
        mark(s, x + 11, y);
      }
      label(x + 28, y + kFont * 0.35, s.name, "start", "#333333", kFont);
      x += 28 + text_width(s.name, kFont) + 22;
    }
  }

  void stroke(const PlotSeries& s, std::string_view path) {
    add(R"(<path d="{}" fill="none" stroke="{}" stroke-width="2"{}/>)", path, color_of(s),
        s.mark == PlotSeries::Mark::kDashes ? R"( stroke-dasharray="6 4")" : "");
  }

  void mark(const PlotSeries& s, double x, double y) {
    if (s.mark == PlotSeries::Mark::kSquares) {
      add(R"(<rect x="{:.1f}" y="{:.1f}" width="9" height="9" fill="{}" stroke="#ffffff"/>)",
          x - 4.5, y - 4.5, color_of(s));
    } else {
      add(R"(<circle cx="{:.1f}" cy="{:.1f}" r="5" fill="{}" stroke="#ffffff"/>)", x, y,
          color_of(s));
    }
  }

  /// Whether there was anything to draw.
  bool series(const PlotSeries& s) {
    std::string path;
    bool any = false, joined = false;
    double last_x = 0, last_y = 0;
    for (const PlotPoint& p : s.points) {
      if (!x_.shows(p.x) || !y_.shows(p.y)) {
        joined = false;
        continue;
      }
      const double x = x_.at(p.x), y = y_.at(p.y);
      if (is_line(s)) {
        fmt::format_to(std::back_inserter(path), "{}{:.1f} {:.1f}", joined ? 'L' : 'M', x, y);
        if (joined) labels_.avoid_line(last_x, last_y, x, y);
      } else {
        mark(s, x, y);
        labels_.avoid_point(x, y);
      }
      if (!p.label.empty()) labels_.add(x, y, p.label, color_of(s), !is_line(s));
      any = joined = true;
      last_x = x, last_y = y;
    }
    if (!path.empty()) stroke(s, path);
    return any;
  }

  void labels() {
    for (const PlacedLabel& l : labels_.place({kLeft, top_, kRight, kBottom}, kFont)) {
      if (l.leader) {
        add(R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke="{}" )"
            R"(stroke-width="0.7"/>)",
            l.x, l.y, l.leader->first, l.leader->second, l.color);
      }
      // A white rim keeps the text legible where it lies on a line.
      label(l.box.left, l.box.bottom - kFont * 0.25, l.text, "start", l.color, kFont,
            R"( stroke="#ffffff" stroke-width="3" paint-order="stroke")");
    }
  }

  const Plot& plot_;
  double top_;
  Scale x_, y_;
  LabelPlacer labels_;
  std::string out_;
};

}  // namespace

std::vector<AxisTick> axis_ticks(double min, double max, bool log) {
  if (!std::isfinite(min) || !std::isfinite(max) || min >= max || (log && min <= 0)) return {};
  return log ? log_ticks(min, max) : linear_ticks(min, max);
}

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

std::string svg_plot(const Plot& plot) {
  return Drawing(plot).text();
}

}  // namespace pangu
