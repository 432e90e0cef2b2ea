// SPDX-License-Identifier: Apache-2.0
#include "adaptive/report/profile_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "adaptive/choose/pareto.h"
#include "report/svg_plot.h"
#include "report/units.h"

namespace pangu::adaptive {
namespace {

bool is_told(const Candidate& c) {
  return c.pairs.n > 0 && !c.tells_nothing;
}

std::string quality_text(const Candidate& c) {
  if (c.rejected_by_divergence) return "lost by divergence";
  if (c.items == 0) return "-";
  if (c.tells_nothing) return "not told";
  if (c.pairs.n == 0) return "not asked";
  const eval::Interval kept = kept_interval(c.pairs, eval::kZ95);
  return fmt::format("{:.3f} [{:.3f}, {:.3f}]", c.pairs.kept(), kept.low, kept.high);
}

std::string row(const Candidate& c, bool on_front) {
  return fmt::format(
      "{} {:<24} {:<8} {:<8} {:>5} {:>7} {:<24} {:>9.1f} {:>8.1f} {:>9} {:>9} {:>10}\n",
      on_front ? '*' : ' ', c.strategy.variant.name(), thinking_name(c.strategy.thinking),
      pangu::name(c.strategy.speculation), c.pairs.n,
      is_told(c) ? fmt::format("{:.3f}", c.pairs.variant()) : "-", quality_text(c), c.prefill,
      c.tokens_per_s(), seconds_text(c.first_token_s()), seconds_text(c.answer_s()),
      bytes_text(c.memory));
}

std::vector<std::size_t> by_speed(const std::vector<Candidate>& list) {
  std::vector<std::size_t> order(list.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return list[a].answer_s() < list[b].answer_s();
  });
  return order;
}

bool contains(const std::vector<std::size_t>& list, std::size_t index) {
  return std::find(list.begin(), list.end(), index) != list.end();
}

}  // namespace

std::string entry_text(const ProfileEntry& e) {
  return fmt::format("profile of {} ({})\n  on {}\n  measured {} to {}, engine {}\n", e.model_name,
                     e.identity.model, e.identity.machine.key(), e.created, e.updated,
                     e.identity.engine);
}

std::string profile_header(const ProfileData& data) {
  std::string out = entry_text(data.entry);
  if (data.machine_speed) {
    out += fmt::format("  memory read at {}, arithmetic at {}\n",
                       decimal_text(data.machine_speed->bandwidth, "B/s"),
                       decimal_text(data.machine_speed->peak, "op/s"));
  }
  return out;
}

std::vector<std::string> kinds_of(const ProfileData& data) {
  std::vector<std::string> out;
  for (const TaskFigures& task : data.tasks) out.push_back(task.kind);
  if (out.empty()) out.emplace_back();
  return out;
}

std::string profile_table(const std::vector<Candidate>& list, bool all) {
  const std::vector<std::size_t> front = pareto_front(list);
  std::string out =
      fmt::format("  {:<24} {:<8} {:<8} {:>5} {:>7} {:<24} {:>9} {:>8} {:>9} {:>9} {:>10}\n",
                  "variant", "thinking", "guesses", "items", "score", "kept [95%]", "prefill/s",
                  "tokens/s", "first", "answer", "memory");
  std::int64_t hidden = 0;
  for (const std::size_t i : by_speed(list)) {
    const Candidate& c = list[i];
    const bool on_front = contains(front, i);
    const bool shown = all || on_front || c.is_baseline() ||
                       (c.pairs.n > 0 && c.strategy.speculation == SpeculationMode::kOff);
    if (shown) out += row(c, on_front);
    hidden += !shown;
  }
  if (hidden > 0)
    out += fmt::format("  and {} that were not asked or differ in speculation (--all)\n", hidden);
  return out;
}

Json candidate_json(const Candidate& c) {
  const Variant& v = c.strategy.variant;
  Json out = {{"strategy", c.strategy.text()},
              {"variant", v.name()},
              {"format", v.format.empty() ? Json() : Json(v.format)},
              {"kv", v.kv.empty() ? Json() : Json(v.kv)},
              {"source", v.source.empty() ? Json() : Json(v.source.string())},
              {"thinking", thinking_name(c.strategy.thinking)},
              {"speculation", pangu::name(c.strategy.speculation)},
              {"items", c.pairs.n},
              {"score", is_told(c) ? Json(c.pairs.variant()) : Json()},
              {"kept", is_told(c) ? Json(c.pairs.kept()) : Json()},
              {"kept_ci95", Json()},
              {"prefill_tokens_per_s", c.prefill},
              {"decode_tokens_per_s", c.decode},
              {"batch_decode_tokens_per_s", c.batch_decode},
              {"speed_up", c.speed_up},
              {"first_token_s", c.first_token_s()},
              {"answer_s", c.answer_s()},
              {"prompt_tokens", c.prompt_tokens},
              {"reply_tokens", c.reply_tokens},
              {"resident_bytes", c.memory},
              {"load_s", c.figures->footprint->load_s},
              {"kl", Json()}};
  if (is_told(c)) {
    const eval::Interval kept = kept_interval(c.pairs, eval::kZ95);
    out["kept_ci95"] = {kept.low, kept.high};
  }
  if (const auto& d = c.figures->divergence) {
    out["kl"] = {{"mean", d->mean},
                 {"ci95", {d->low, d->high}},
                 {"same_top", d->same_top},
                 {"positions", d->positions}};
  }
  return out;
}

Json profile_json(const ProfileData& data, double max_divergence) {
  const ProfileEntry& e = data.entry;
  Json kinds = Json::object();
  for (const std::string& kind : kinds_of(data)) {
    Json list = Json::array();
    for (const Candidate& c : candidates(data, {.kind = kind, .max_divergence = max_divergence})) {
      list.push_back(candidate_json(c));
    }
    kinds[kind.empty() ? "any" : kind] = std::move(list);
  }
  return {{"model", e.model_name},
          {"digest", e.identity.model},
          {"machine", e.identity.machine.key()},
          {"engine", e.identity.engine},
          {"created", e.created},
          {"updated", e.updated},
          {"kinds", std::move(kinds)}};
}

std::string front_svg(const std::vector<Candidate>& list, std::string_view kind,
                      std::string_view subtitle) {
  Plot plot{.title = fmt::format("What each variant keeps, and what an answer takes: {}",
                                 kind.empty() ? "speed alone" : kind),
            .subtitle = std::string(subtitle)};
  plot.x.label = "seconds per answer";
  plot.y.label = "share of the original's score";
  const std::vector<std::size_t> front = pareto_front(list);
  PlotSeries best{
      .name = "no other is better in all three", .mark = PlotSeries::Mark::kDots, .color = 0};
  PlotSeries rest{.name = "others", .mark = PlotSeries::Mark::kSquares, .color = 1};
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Candidate& c = list[i];
    if (c.pairs.n == 0 && !c.is_baseline()) continue;
    const bool on_front = contains(front, i);
    const std::string label =
        on_front ? fmt::format("{} {}, {}", c.strategy.variant.name(),
                               thinking_name(c.strategy.thinking), bytes_text(c.memory))
                 : "";
    (on_front ? best : rest).points.push_back({c.answer_s(), c.pairs.kept(), label});
  }
  plot.series = {std::move(rest), std::move(best)};
  return svg_plot(plot);
}

}  // namespace pangu::adaptive
