// SPDX-License-Identifier: Apache-2.0
// README.md of a quantized folder: how it was made, how large it is, how far it is from what it was
// made of.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/last_name.h"
#include "checkpoint/quantize.h"

namespace pangu {
namespace {

struct FormatSum {
  int64_t matrices = 0, weights = 0, bytes = 0;
  QuantizationError error;
};

std::map<WeightFormat, FormatSum> sums_by_format(const QuantizeReport& report) {
  std::map<WeightFormat, FormatSum> sums;
  for (const QuantizedTensor& t : report.tensors) {
    FormatSum& sum = sums[t.to];
    sum.matrices += 1;
    sum.weights += t.rows * t.k;
    sum.bytes += t.bytes_out;
    sum.error.difference2 += t.error.difference2;
    sum.error.norm2 += t.error.norm2;
  }
  return sums;
}

}  // namespace

std::string quantized_model_card(const std::filesystem::path& in, const QuantizeOptions& options,
                                 const QuantizeReport& report) {
  std::string text = fmt::format(
      "# {0} in {1}\n\nThe weights of {0}, each rounded to the nearest code of its format (no "
      "calibration data).\nLoad the folder with pangu. The license of {0} holds for it too.\n\n",
      last_name(in), name(*options.formats.layers));
  if (!options.command.empty()) text += "```console\n$ " + options.command + "\n```\n\n";
  text += fmt::format(
      "| | before | after |\n|---|---|---|\n| bytes of all tensors | {} | {} |\n"
      "| parameters | {} | {} |\n\n",
      report.bytes_in, report.bytes_out, report.parameters_in, report.parameters_out);
  text +=
      "| format | matrices | bytes | bits per weight | relative error of the weights |\n"
      "|---|---|---|---|---|\n";
  for (const auto& [format, sum] : sums_by_format(report)) {
    text +=
        fmt::format("| {} | {} | {} | {:.2f} | {:.3g} |\n", name(format), sum.matrices, sum.bytes,
                    8.0 * static_cast<double>(sum.bytes) / static_cast<double>(sum.weights),
                    sum.error.relative());
  }
  text +=
      "\nRelative error: the Frobenius norm of the difference between decoded and original "
      "weights, "
      "over that of the original.\n";
  const auto worst = std::ranges::max_element(
      report.tensors, {}, [](const QuantizedTensor& t) { return t.error.worst_row_error; });
  if (worst != report.tensors.end() && worst->error.worst_row_error > 0) {
    text += fmt::format("Worst output channel: {} of {}, {:.3g}.\n", worst->error.worst_row,
                        worst->name, worst->error.worst_row_error);
  }
  for (const std::string& note : report.notes()) text += "\n" + note + "\n";
  return text;
}

}  // namespace pangu
