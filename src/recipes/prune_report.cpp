// SPDX-License-Identifier: Apache-2.0
#include "recipes/prune_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "base/last_name.h"
#include "io/atomic_file.h"
#include "models/parameter_count.h"
#include "report/svg_bars.h"
#include "report/svg_heatmap.h"
#include "report/svg_plot.h"

namespace pangu::recipes {
namespace {

namespace fs = std::filesystem;
using compress::RoundResult;

std::string model_name(const PruneReport& r) {
  return last_name(r.options.in);
}

double share(std::int64_t part, std::int64_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::int64_t sum(const std::vector<std::int64_t>& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
}

std::string kept_text(const std::vector<std::int64_t>& kept) {
  const auto [least, most] = std::ranges::minmax(kept);
  return least == most ? std::to_string(least) : fmt::format("{} to {}", least, most);
}

/// "0.8812 (0.8460 to 0.9093)" of the first metric of a task that was measured.
std::string score_cell(const Json& task) {
  const Json& score = task["scores"][0];
  const auto text = [](const Json& number) { return eval::score_text(number.get<double>()); };
  return fmt::format("{} ({} to {})", text(score["value"]), text(score["ci95"][0]),
                     text(score["ci95"][1]));
}

bool has_own_sizes(compress::Unit unit) {
  return unit == compress::Unit::kNeurons || unit == compress::Unit::kHeads ||
         unit == compress::Unit::kWeights;
}

std::string sizes_picture(const PruneReport& r) {
  BarChart chart{.title = fmt::format("{} of {}", name(r.options.unit), model_name(r)),
                 .subtitle = fmt::format("removed by {}", r.options.method),
                 .x_label = "layer",
                 .y_label = std::string(name(r.options.unit)),
                 .categories = {},
                 .series = {{.name = "before", .color = 0, .values = {}},
                            {.name = "after", .color = 1, .values = {}}}};
  const auto& before = r.result.rounds.front().kept;
  const auto& after = r.result.rounds.back().kept;
  for (std::size_t l = 0; l < before.size(); ++l) {
    chart.categories.push_back(std::to_string(l));
    chart.series[0].values.push_back(static_cast<double>(before[l]));
    chart.series[1].values.push_back(static_cast<double>(after[l]));
  }
  return svg_bars(chart);
}

/// The first round's scores: those of the model as it was.
std::string importance_picture(const PruneReport& r) {
  return svg_heatmap(
      {.title = fmt::format("Importance of the {} of {}", name(r.options.unit), model_name(r)),
       .subtitle = fmt::format("scores of {} in the first round, as multiples of the layer's mean",
                               r.options.method),
       .x_label = fmt::format("{} of the layer, from the most important, %", name(r.options.unit)),
       .y_label = "layer",
       .x_begin = 0,
       .x_end = 100,
       .values = {.label = "score / mean", .log = true},
       .cells = r.result.rounds[1].profile});
}

/// The first metric of task `t` over the rounds: its value, or an end of its interval.
PlotSeries score_line(const PruneReport& r, std::size_t t,
                      const std::function<double(const Json&)>& of) {
  const std::vector<RoundResult>& rounds = r.result.rounds;
  PlotSeries line{
      .mark = PlotSeries::Mark::kDashes, .color = static_cast<int>(t) + 1, .points = {}};
  for (const RoundResult& round : rounds) {
    line.points.push_back(
        {share(round.parameters, rounds.front().parameters), of(round.measured[t]["scores"][0])});
  }
  return line;
}

std::string scores_picture(const PruneReport& r) {
  Plot plot{.title = fmt::format("Scores of {} while it was pruned", model_name(r)),
            .subtitle = fmt::format("{} removed by {}; dashes: 95% intervals", name(r.options.unit),
                                    r.options.method),
            .x = {.label = "parameters left, %"},
            .y = {.label = "score"},
            .series = {}};
  const Json& tasks = r.result.rounds.front().measured;
  for (std::size_t t = 0; t < tasks.size(); ++t) {
    PlotSeries line = score_line(r, t, [](const Json& s) { return s["value"].get<double>(); });
    line.name = tasks[t]["task"].get<std::string>();
    line.mark = PlotSeries::Mark::kLine;
    plot.series.push_back(std::move(line));
    for (const std::size_t end : {0, 1}) {
      plot.series.push_back(
          score_line(r, t, [&](const Json& s) { return s["ci95"][end].get<double>(); }));
    }
  }
  return svg_plot(plot);
}

std::string repair_text(const RoundResult& last) {
  if (last.repaired.empty()) return "";
  double before = 0, after = 0;
  for (const Json& m : last.repaired) {
    before += m["error_before"].get<double>();
    after += m["error_after"].get<double>();
  }
  const auto n = static_cast<double>(last.repaired.size());
  return fmt::format(
      "\n## Repair\n\nRegression of {} matrices brought the share of squared output that is lost "
      "on the calibration text from {:.4g} to {:.4g} (means over the matrices).\n",
      last.repaired.size(), before / n, after / n);
}

/// Shares of zeros, a line for each layer. Matrices come layer by layer, seven of each.
std::string sparsity_text(const RoundResult& last) {
  if (last.sparsity.empty()) return "";
  std::string text =
      "\n## Zeros\n\n| layer | q | k | v | o | gate | up | down | all |\n"
      "|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  constexpr std::size_t kMatrices = 7;
  for (std::size_t first = 0; first + kMatrices <= last.sparsity.size(); first += kMatrices) {
    std::int64_t zeros = 0, weights = 0;
    text += fmt::format("| {} |", first / kMatrices);
    for (std::size_t i = first; i < first + kMatrices; ++i) {
      const auto z = last.sparsity[i]["zeros"].get<std::int64_t>();
      const auto w = last.sparsity[i]["weights"].get<std::int64_t>();
      zeros += z, weights += w;
      text += fmt::format(" {:.1f}% |", share(z, w));
    }
    text += fmt::format(" {:.1f}% |\n", share(zeros, weights));
  }
  return text + "\nZeros take as many bytes as other weights: they are found, not left out.\n";
}

std::string influence_text(const RoundResult& first) {
  if (first.influence.empty()) return "";
  std::string text = "\n| layer | influence |\n|--:|--:|\n";
  for (std::size_t l = 0; l < first.influence.size(); ++l) {
    text += fmt::format("| {} | {:.4f} |\n", l, first.influence[l]);
  }
  return text +
         "\nInfluence: 1 minus the mean cosine between what enters a layer and what leaves it.\n";
}

std::string how_text(const PruneReport& r) {
  const compress::PruneOptions& o = r.options;
  std::string text =
      fmt::format("Of {}, {} were removed by {}", model_name(r), name(o.unit), o.method);
  if (o.allocation != compress::Allocation::kUniform) {
    text += fmt::format(", shared out among layers by {}", name(o.allocation));
  }
  const std::string& format = r.result.rounds.back().format;
  const std::size_t rounds = r.result.rounds.size() - (format.empty() ? 1 : 2);
  text += fmt::format(", in {} round{}", rounds, rounds == 1 ? "" : "s");
  if (r.result.calibration_tokens > 0) {
    text += fmt::format(", scored on {} tokens", r.result.calibration_tokens);
  }
  if (r.distilled) text += "; each round learnt from the original again";
  if (!format.empty()) text += fmt::format("; the result was quantized to {}", format);
  return text + ".\n";
}

std::string report_text(const PruneReport& r) {
  const RoundResult& first = r.result.rounds[1];
  std::string text = fmt::format("# {}, pruned\n\n{}\n", model_name(r), how_text(r));
  if (!r.command.empty()) text += "```console\n$ " + r.command + "\n```\n\n";
  text += "## Rounds\n\n" + rounds_markdown(r.result, r.options.unit);
  if (!r.scores.empty()) {
    text += "\n![Scores over the parameters that are left](scores.svg)\n\n## Scores\n\n" +
            eval::score_markdown(r.scores);
  }
  if (!r.speeds.empty()) {
    text += fmt::format(
        "\n## Speed\n\n{}\n{}. Both models took turns in one run; ratios are those "
        "of a round.\n",
        speed_markdown(r.speeds), r.machine);
  }
  if (has_own_sizes(r.options.unit)) {
    text += "\n## Layers\n\n![What each layer had and has](sizes.svg)\n";
  }
  if (!first.profile.empty() && first.profile.front().size() > 1) {
    text += "\n![How important the units of each layer are](importance.svg)\n";
  }
  const RoundResult& last = r.result.rounds.back();
  text += influence_text(first) + repair_text(last) + sparsity_text(last);
  return text + "\n`prune.json` has all of these figures.\n";
}

std::string card_text(const PruneReport& r) {
  std::string text = fmt::format(
      "# {0}, pruned\n\n{1}Load the folder with pangu. The license of {0} holds for it too.\n\n",
      model_name(r), how_text(r));
  if (!r.command.empty()) text += "```console\n$ " + r.command + "\n```\n\n";
  text += rounds_markdown(r.result, r.options.unit);
  if (!r.scores.empty()) text += "\n" + eval::score_markdown(r.scores);
  if (!r.speeds.empty()) text += fmt::format("\n{}\n{}.\n", speed_markdown(r.speeds), r.machine);
  return text + "\n[REPORT.md](REPORT.md) has the rest.\n";
}

}  // namespace

std::string rounds_markdown(const compress::PruneResult& result, compress::Unit unit) {
  const RoundResult& before = result.rounds.front();
  std::string text =
      fmt::format("| round | {} left{} | removed | parameters | bytes | GFLOPs per token |",
                  name(unit), has_own_sizes(unit) ? " in each layer" : "");
  std::string line = "|--:|--:|--:|--:|--:|--:|";
  for (const Json& task : before.measured) {
    text += fmt::format(" {} |", task["task"].get<std::string>());
    line += "--:|";
  }
  text += "\n" + line + "\n";
  for (const RoundResult& r : result.rounds) {
    const std::int64_t flops = product_flops(r.config);
    text +=
        fmt::format("| {} | {} | {:.2f}% | {} ({:.1f}%) | {} | {:.4g} ({:.1f}%) |",
                    r.format.empty() ? std::to_string(r.round) : r.format, kept_text(r.kept),
                    100 - share(sum(r.kept), sum(before.kept)), r.parameters,
                    share(r.parameters, before.parameters), r.bytes,
                    1e-9 * static_cast<double>(flops), share(flops, product_flops(before.config)));
    for (const Json& task : r.measured) text += fmt::format(" {} |", score_cell(task));
    text += "\n";
  }
  return text;
}

void write_prune_report(const PruneReport& report, const fs::path& folder) {
  const RoundResult& first = report.result.rounds[1];
  const auto write = [&](const char* name, const std::string& text) {
    write_file_atomically(folder / name, text);
  };
  if (has_own_sizes(report.options.unit)) write("sizes.svg", sizes_picture(report));
  if (!first.profile.empty() && first.profile.front().size() > 1) {
    write("importance.svg", importance_picture(report));
  }
  if (!report.scores.empty()) write("scores.svg", scores_picture(report));
  write("REPORT.md", report_text(report));
  write("README.md", card_text(report));
}

}  // namespace pangu::recipes
