// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/progress_bar.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "apps/shared/output.h"
#include "report/units.h"

namespace pangu::app {

std::string progress_line(std::string_view what, std::int64_t done, std::int64_t total,
                          double seconds, std::string_view unit) {
  constexpr int kWidth = 20;
  const double share =
      total > 0 ? std::clamp(static_cast<double>(done) / static_cast<double>(total), 0.0, 1.0) : 0;
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  const auto filled = static_cast<std::size_t>(share * kWidth);
  std::string line = fmt::format("{} {:3.0f}% [{:<{}}] {} {}/s", what, share * 100,
                                 std::string(filled, '='), kWidth, count_text(rate), unit);
  if (rate > 0) {
    line += fmt::format(", {:.0f} s left",
                        static_cast<double>(std::max<std::int64_t>(total - done, 0)) / rate);
  }
  return line;
}

ProgressBar::ProgressBar(std::string unit, bool visible)
    : unit_(std::move(unit)), visible_(visible) {}

void ProgressBar::update(std::string_view what, std::int64_t done, std::int64_t total) {
  if (done < std::exchange(done_, done)) {
    watch_.restart();
    next_draw_s_ = 1.0;
  }
  const double now = watch_.seconds();
  if (!visible_ || now < next_draw_s_) return;
  next_draw_s_ = now + 0.1;
  drawn_ = true;
  note_control("\r\033[K");
  note(progress_line(what, done, total, now, unit_));
}

void ProgressBar::clear() {
  if (std::exchange(drawn_, false)) note_control("\r\033[K");
}

}  // namespace pangu::app
