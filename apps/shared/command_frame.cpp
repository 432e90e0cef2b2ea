// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/command_frame.h"

#include <utility>

#include "apps/shared/output.h"

namespace pangu::app {

CommandFrame::CommandFrame(const CommonOptions& common) : common_(common) {
  start_log(common);
}

ProgressBar CommandFrame::bar(std::string unit) const {
  return {std::move(unit), takes_notes() && is_terminal_stderr()};
}

ProgressFn CommandFrame::progress(ProgressBar& bar) const {
  return [this, &bar](std::string_view what, std::int64_t done, std::int64_t total) {
    interrupts_.check();
    bar.update(what, done, total);
  };
}

std::function<void()> CommandFrame::check() const {
  return [this] { interrupts_.check(); };
}

void CommandFrame::say(std::string_view text) const {
  if (takes_notes()) note(text);
}

void CommandFrame::finish(const std::function<Json()>& result,
                          const std::function<std::string(double seconds)>& summary) const {
  const double seconds = watch_.seconds();
  if (prints_json()) {
    Json json = result();
    json["seconds"] = seconds;
    json["peak_rss_bytes"] = peak_rss_bytes();
    print_json(json);
  }
  if (takes_notes()) note(summary(seconds));
}

}  // namespace pangu::app
