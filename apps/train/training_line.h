// SPDX-License-Identifier: Apache-2.0
// The line that shows how training goes: drawn over itself on a terminal, now and then elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/resources.h"
#include "train/trainer.h"

namespace pangu::app {

/// "step 120/1000 [==                  ] loss 2.3451 (validation 2.5012), 1.2k tokens/s,
/// 56.1 GFLOP/s, 3 min left"
std::string training_line(const StepReport& report, std::optional<double> validation_loss,
                          double seconds_left);

/// "45 s", "12 min", "3.5 h"
std::string time_text(double seconds);

class TrainingDisplay {
 public:
  enum class Mode : std::uint8_t { kSilent, kLines, kBar };

  explicit TrainingDisplay(Mode mode) : mode_(mode) {}
  ~TrainingDisplay() { clear(); }
  TrainingDisplay(const TrainingDisplay&) = delete;
  TrainingDisplay& operator=(const TrainingDisplay&) = delete;

  void update(const StepReport& report);
  /// Wipes the bar.
  void clear();

 private:
  Mode mode_;
  Stopwatch watch_;
  double next_s_ = 0;
  std::int64_t first_step_ = -1;
  double first_seconds_ = 0;
  std::optional<double> validation_loss_;
  bool drawn_ = false;
};

}  // namespace pangu::app
