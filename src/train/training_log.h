// SPDX-License-Identifier: Apache-2.0
// The losses and rates of a run as a table: OUT/log.csv, and OUT/loss.svg drawn from it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace pangu {

/// One step, or what it has of it.
struct LogRow {
  std::int64_t step = 0;
  std::int64_t tokens = 0;  ///< read so far
  double loss = 0;          ///< mean of the step, in nats a token
  std::optional<double> validation_loss;
  double learning_rate = 0;
  double gradient_norm = 0;  ///< before clipping
  double tokens_per_s = 0;
  double flops_per_s = 0;
};

/// Appends as the run goes, so that a killed run leaves all but its last line.
class TrainingLog {
 public:
  /// Keeps the rows of an existing file up to `step` and drops what comes after, a torn last line
  /// too. Throws FileError for a file with another header, or that cannot be written.
  TrainingLog(std::filesystem::path file, std::int64_t step);

  /// Throws FileError if it cannot be written.
  void append(const LogRow& row);
  const std::vector<LogRow>& rows() const { return rows_; }
  /// Draws both losses over the steps.
  void write_plot(const std::filesystem::path& file) const;

 private:
  std::filesystem::path file_;
  std::vector<LogRow> rows_;
};

}  // namespace pangu
