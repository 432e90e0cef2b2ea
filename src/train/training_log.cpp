// SPDX-License-Identifier: Apache-2.0
#include "train/training_log.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/file_advice.h"
#include "io/atomic_file.h"
#include "io/mapped_file.h"
#include "report/svg_plot.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHeader =
    "step,tokens,loss,validation_loss,learning_rate,gradient_norm,tokens_per_s,flops_per_s";

std::string line_of(const LogRow& r) {
  return fmt::format("{},{},{:.6f},{},{:.6g},{:.6g},{:.1f},{:.4g}\n", r.step, r.tokens, r.loss,
                     r.validation_loss ? fmt::format("{:.6f}", *r.validation_loss) : "",
                     r.learning_rate, r.gradient_norm, r.tokens_per_s, r.flops_per_s);
}

/// Takes the next field of a line; false if it is no number.
template <class T>
bool take(std::string_view& line, T& value) {
  const std::string_view field = line.substr(0, line.find(','));
  line.remove_prefix(std::min(line.size(), field.size() + 1));
  const auto [at, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && at == field.data() + field.size();
}

std::optional<LogRow> parse_line(std::string_view line) {
  LogRow r;
  if (!take(line, r.step) || !take(line, r.tokens) || !take(line, r.loss)) return std::nullopt;
  if (line.starts_with(',')) {
    line.remove_prefix(1);
  } else if (!take(line, r.validation_loss.emplace())) {
    return std::nullopt;
  }
  if (!take(line, r.learning_rate) || !take(line, r.gradient_norm) || !take(line, r.tokens_per_s) ||
      !take(line, r.flops_per_s) || !line.empty()) {
    return std::nullopt;
  }
  return r;
}

std::vector<LogRow> read_rows(const fs::path& file, std::int64_t last_step) {
  std::vector<LogRow> rows;
  if (!fs::exists(file) || fs::file_size(file) == 0) return rows;
  const MappedFile mapped(file);
  std::string_view text(reinterpret_cast<const char*>(mapped.data()), mapped.size());
  if (!text.starts_with(kHeader)) {
    fail<FileError>(
        "[log] {} does not begin with \"{}\": it is the log of something else. Move it away, or "
        "choose another output folder.",
        file.string(), kHeader);
  }
  text.remove_prefix(std::min(text.size(), kHeader.size() + 1));
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;  // torn by a kill
    const auto row = parse_line(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (row && row->step <= last_step) rows.push_back(*row);
  }
  return rows;
}

}  // namespace

TrainingLog::TrainingLog(fs::path file, std::int64_t step)
    : file_(std::move(file)), rows_(read_rows(file_, step)) {
  std::string text = std::string(kHeader) + "\n";
  for (const LogRow& row : rows_) text += line_of(row);
  write_file_atomically(file_, text);
}

void TrainingLog::append(const LogRow& row) {
  rows_.push_back(row);
  errno = 0;
  std::ofstream out(file_, std::ios::binary | std::ios::app);
  out << line_of(row) << std::flush;
  if (!out) {
    fail<FileError>("[log] cannot write to {}: {}. {}", file_.string(), std::strerror(errno),
                    file_advice(errno));
  }
}

void TrainingLog::write_plot(const fs::path& file) const {
  PlotSeries training{
      .name = "training", .mark = PlotSeries::Mark::kLine, .color = 1, .points = {}};
  PlotSeries validation{
      .name = "validation", .mark = PlotSeries::Mark::kSquares, .color = 2, .points = {}};
  for (const LogRow& r : rows_) {
    const auto step = static_cast<double>(r.step);
    training.points.push_back({.x = step, .y = r.loss});
    if (r.validation_loss) validation.points.push_back({.x = step, .y = *r.validation_loss});
  }
  Plot plot{.title = "Loss",
            .subtitle = "",
            .x = {.label = "step"},
            .y = {.label = "nats a token"},
            .series = {training}};
  if (!validation.points.empty()) plot.series.push_back(validation);
  write_file_atomically(file, svg_plot(plot));
}

}  // namespace pangu
