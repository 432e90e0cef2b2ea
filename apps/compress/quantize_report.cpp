// SPDX-License-Identifier: Apache-2.0
#include "apps/compress/quantize_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/resources.h"
#include "report/units.h"

namespace pangu::app {
namespace {

constexpr std::size_t kWorstShown = 3;

Json tensor_json(const QuantizedTensor& t) {
  return {{"name", t.name},
          {"rows", t.rows},
          {"columns", t.k},
          {"format_in", name(t.from)},
          {"format", name(t.to)},
          {"bytes_in", t.bytes_in},
          {"bytes_out", t.bytes_out},
          {"relative_error", t.error.relative()},
          {"worst_channel", t.error.worst_row},
          {"worst_channel_error", t.error.worst_row_error}};
}

std::string tensor_row(const QuantizedTensor& t) {
  return fmt::format("  {:<44} {:<14} {:>10} {:>10} {:>9.2e} {:>9.2e} at {}\n", t.name, name(t.to),
                     bytes_text(t.bytes_in), bytes_text(t.bytes_out), t.error.relative(),
                     t.error.worst_row_error, t.error.worst_row);
}

std::vector<const QuantizedTensor*> rows_to_show(const QuantizeReport& report, bool every_tensor) {
  std::vector<const QuantizedTensor*> rows;
  for (const QuantizedTensor& t : report.tensors) rows.push_back(&t);
  if (every_tensor) return rows;
  std::ranges::stable_sort(rows, std::greater<>(),
                           [](const QuantizedTensor* t) { return t->error.relative(); });
  rows.resize(std::min(rows.size(), kWorstShown));
  return rows;
}

}  // namespace

Json quantize_json(const QuantizeReport& report) {
  Json tensors = Json::array();
  for (const QuantizedTensor& t : report.tensors) tensors.push_back(tensor_json(t));
  return {{"bytes_in", report.bytes_in},
          {"bytes_out", report.bytes_out},
          {"parameters_in", report.parameters_in},
          {"parameters_out", report.parameters_out},
          {"relative_error", report.relative_error()},
          {"notes", report.notes()},
          {"tensors", tensors}};
}

std::string quantize_text(const QuantizeReport& report, bool every_tensor, double seconds) {
  std::string text = fmt::format("  {:<44} {:<14} {:>10} {:>10} {:>9} {}\n",
                                 every_tensor ? "matrix" : "largest errors", "format", "before",
                                 "after", "error", "worst channel");
  for (const QuantizedTensor* t : rows_to_show(report, every_tensor)) text += tensor_row(*t);
  text += fmt::format(
      "weights  {} -> {}, {:.3f} times the size; {} parameters; relative error {:.2e}\n",
      bytes_text(report.bytes_in), bytes_text(report.bytes_out),
      static_cast<double>(report.bytes_out) / static_cast<double>(report.bytes_in),
      count_text(static_cast<double>(report.parameters_out)), report.relative_error());
  for (const std::string& note : report.notes()) text += "note     " + note + "\n";
  return text + fmt::format("done     in {}, peak memory {}\n", seconds_text(seconds),
                            bytes_text(peak_rss_bytes()));
}

}  // namespace pangu::app
