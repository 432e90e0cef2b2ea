// SPDX-License-Identifier: Apache-2.0
#include "apps/train/training_line.h"

#include <fmt/format.h>

#include <utility>

#include "apps/shared/output.h"
#include "report/units.h"

namespace pangu::app {
namespace {

constexpr double kBarEvery = 0.1, kLineEvery = 30;

}  // namespace

std::string time_text(double seconds) {
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < 6000) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

std::string training_line(const StepReport& report, std::optional<double> validation_loss,
                          double seconds_left) {
  constexpr int kWidth = 20;
  const LogRow& row = report.row;
  const auto filled = static_cast<std::size_t>(kWidth * static_cast<double>(row.step) /
                                               static_cast<double>(report.steps));
  std::string line = fmt::format("step {}/{} [{:<{}}] loss {:.4f}", row.step, report.steps,
                                 std::string(filled, '='), kWidth, row.loss);
  if (validation_loss) line += fmt::format(" (validation {:.4f})", *validation_loss);
  return line + fmt::format(", {} tokens/s, {}, {} left", count_text(row.tokens_per_s),
                            decimal_text(row.flops_per_s, "FLOP/s"), time_text(seconds_left));
}

void TrainingDisplay::update(const StepReport& report) {
  if (mode_ == Mode::kSilent) return;
  const double now = watch_.seconds();
  if (first_step_ < 0) {
    first_step_ = report.row.step;
    first_seconds_ = now;
  }
  if (report.row.validation_loss) validation_loss_ = report.row.validation_loss;
  const bool is_news = report.row.validation_loss.has_value();
  if (now < next_s_ && !(is_news && mode_ == Mode::kLines)) return;
  next_s_ = now + (mode_ == Mode::kBar ? kBarEvery : kLineEvery);
  const auto done = static_cast<double>(report.row.step - first_step_);
  const double a_step = done > 0 ? (now - first_seconds_) / done : now;
  const std::string line = training_line(
      report, validation_loss_, a_step * static_cast<double>(report.steps - report.row.step));
  drawn_ = mode_ == Mode::kBar;
  if (drawn_) note_control("\r\033[K");
  note(drawn_ ? line : line + "\n");
}

void TrainingDisplay::clear() {
  if (std::exchange(drawn_, false)) note_control("\r\033[K");
}

}  // namespace pangu::app
