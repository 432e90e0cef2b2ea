// SPDX-License-Identifier: Apache-2.0
#include "adaptive/thinking/thinking_report.h"

#include <fmt/format.h>

#include <string_view>

#include "adaptive/thinking/thinking_head.h"

namespace pangu::adaptive {
namespace {

/// "84.2 [83.2, 85.2]", in percent.
std::string percent_text(double value, const eval::Interval& ci95) {
  return fmt::format("{:.1f} [{:.1f}, {:.1f}]", 100 * value, 100 * ci95.low, 100 * ci95.high);
}

/// One row of the table: right, tokens, items thought about, and the two shares of always slow.
std::string table_line(std::string_view name, std::string_view right, std::string_view tokens,
                       std::string_view slow, std::string_view kept, std::string_view share) {
  return fmt::format("  {:<12} {:<22}{:>7}{:>7}  {:<22}  {}\n", name, right, tokens, slow, kept,
                     share);
}

std::string mode_line(const char* name, const ModeScore& mode, const RatioToSlow& ratio) {
  const double slow =
      mode.n > 0 ? 100.0 * static_cast<double>(mode.slow) / static_cast<double>(mode.n) : 0.0;
  return table_line(name, percent_text(mode.accuracy(), mode.accuracy_ci95()),
                    fmt::format("{:.1f}", mode.tokens_per_item()), fmt::format("{:.1f}", slow),
                    percent_text(ratio.accuracy, ratio.accuracy_ci95),
                    percent_text(ratio.tokens, ratio.tokens_ci95));
}

std::string thinking_score_text(const ThinkingScore& s) {
  return mode_line("always fast", s.fast, s.fast_ratio) + mode_line("always slow", s.slow, {}) +
         mode_line("auto", s.automatic, s.automatic_ratio) +
         mode_line("oracle", s.oracle, s.oracle_ratio);
}

std::string decision_text(const TrainedThinking& t, double keep) {
  if (never_thinks(t.head)) {
    return fmt::format(
        "The head always answers fast: that keeps {:.1f} % of what slow has right in every task, "
        "and "
        "is the cheapest.\n",
        100 * keep);
  }
  if (always_thinks(t.head)) {
    return fmt::format(
        "The head always thinks: nothing less keeps {:.1f} % of what slow has right in every "
        "task.\n",
        100 * keep);
  }
  return fmt::format("It thinks from a score of {:.4f} on.\n", t.head.threshold);
}

Json interval(const eval::Interval& i) {
  return {i.low, i.high};
}

Json mode_json(const ModeScore& mode, const RatioToSlow& ratio) {
  return {{"accuracy", mode.accuracy()}, {"ci95", interval(mode.accuracy_ci95())},
          {"tokens", mode.tokens},       {"slow", mode.slow},
          {"kept", ratio.accuracy},      {"kept_ci95", interval(ratio.accuracy_ci95)},
          {"token_share", ratio.tokens}, {"token_share_ci95", interval(ratio.tokens_ci95)}};
}

Json thinking_score_json(const ThinkingScore& s) {
  return {{"items", s.slow.n},
          {"fast", mode_json(s.fast, s.fast_ratio)},
          {"slow", mode_json(s.slow, {})},
          {"auto", mode_json(s.automatic, s.automatic_ratio)},
          {"oracle", mode_json(s.oracle, s.oracle_ratio)}};
}

}  // namespace

std::string thinking_report_text(const TrainedThinking& t, const ThinkingItems& items,
                                 double keep) {
  std::string text =
      fmt::format("{} items; right by thinking alone {}, by answering at once alone {}\n\n",
                  items.outcomes.size(), t.only_slow, t.only_fast);
  text += table_line("", "right, % [95 %]", "tokens", "slow %", "of slow's right, %",
                     "of slow's tokens, %");
  for (std::size_t i = 0; i < t.of_tasks.size() && t.of_tasks.size() > 1; ++i) {
    text += fmt::format("{}\n{}", items.tasks[i], thinking_score_text(t.of_tasks[i]));
  }
  text += "all, each item decided by a head and a threshold that have not seen it\n";
  text += thinking_score_text(t.score) + "\n" + decision_text(t, keep);
  return text;
}

Json thinking_report_json(const TrainedThinking& t, const ThinkingItems& items, double keep) {
  Json tasks = Json::array();
  for (std::size_t i = 0; i < t.of_tasks.size(); ++i) {
    tasks.push_back(thinking_score_json(t.of_tasks[i]));
    tasks.back()["task"] = items.tasks[i];
  }
  Json tried = Json::array();
  for (const TriedSetting& s : t.tried) {
    tried.push_back({{"layer", s.layer}, {"lambda", s.lambda}, {"nll", s.nll}});
  }
  const char* decides = never_thinks(t.head)    ? "always fast"
                        : always_thinks(t.head) ? "always slow"
                                                : "by prompt";
  Json json = thinking_score_json(t.score);
  json["keep"] = keep;
  json["decides"] = decides;
  json["threshold"] = t.head.threshold;
  json["only_slow"] = t.only_slow;
  json["only_fast"] = t.only_fast;
  json["classes"] = t.head.classes;
  json["features"] = block_names(t.head.blocks);
  json["layer"] = t.head.layer;
  json["lambda"] = t.head.record.lambda;
  json["tasks"] = tasks;
  json["tried"] = tried;
  return json;
}

}  // namespace pangu::adaptive
