// SPDX-License-Identifier: Apache-2.0
// What surrounds the work of a command that takes long: the log, Ctrl-C, the clock, the bar, and at
// the end one JSON object and a summary.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "apps/shared/common_options.h"
#include "apps/shared/interrupt.h"
#include "apps/shared/progress_bar.h"
#include "base/progress.h"
#include "base/resources.h"
#include "io/json.h"

namespace pangu::app {

class CommandFrame {
 public:
  /// Starts the log, the clock and the wait for Ctrl-C. `common` must outlive it. Make it before
  /// any other thread starts.
  explicit CommandFrame(const CommonOptions& common);

  const CommonOptions& common() const { return common_; }
  Interrupts& interrupts() { return interrupts_; }
  double seconds() const { return watch_.seconds(); }

  /// Makes this process one of several of which another speaks: no bar, no text, no JSON.
  void silence() { speaks_ = false; }
  bool is_silent() const { return !speaks_; }
  bool prints_json() const { return speaks_ && common_.json; }
  /// Whether notes are wanted: not with --quiet.
  bool takes_notes() const { return speaks_ && !common_.quiet; }

  /// A bar of so many `unit`s a second, shown where someone sees it and wants it.
  ProgressBar bar(std::string unit) const;
  /// Draws on `bar`; throws Cancelled once Ctrl-C came. Refers to both.
  ProgressFn progress(ProgressBar& bar) const;
  /// Throws Cancelled once Ctrl-C came. Refers to the frame.
  std::function<void()> check() const;

  /// Writes to standard error, if notes are wanted.
  void say(std::string_view text) const;
  /// With --json prints `result` with seconds and peak_rss_bytes behind it; then, if notes are
  /// wanted, says what `summary` makes of the seconds.
  void finish(const std::function<Json()>& result,
              const std::function<std::string(double seconds)>& summary) const;

 private:
  const CommonOptions& common_;
  Interrupts interrupts_;
  Stopwatch watch_;
  bool speaks_ = true;
};

}  // namespace pangu::app
