// SPDX-License-Identifier: Apache-2.0
#include "apps/eval/eval_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/shared/speculation_options.h"
#include "apps/shared/thinking_options.h"
#include "eval/result_json.h"
#include "report/units.h"

namespace pangu::app {
namespace {

using eval::Comparison;
using eval::EvalResult;
using eval::GroupScore;
using eval::Interval;
using eval::interval_json;
using eval::Metric;
using eval::metrics_json;
using eval::NamedQuantile;

std::string interval_text(const Interval& interval) {
  return fmt::format("[{}, {}]", score_number(interval.low), score_number(interval.high));
}

std::string metric_lines(const std::vector<Metric>& metrics, std::string_view indent) {
  std::size_t width = 16;
  for (const Metric& m : metrics) width = std::max(width, m.name.size());
  std::string text;
  for (const Metric& m : metrics) {
    text += fmt::format("{}{:<{}}{:>10}  {}\n", indent, m.name, width, score_number(m.value),
                        interval_text(m.ci95));
  }
  return text;
}

/// "kl by position: median 0.0012, p90 0.0031, ..."
std::string quantile_line(const EvalResult& r, const std::vector<NamedQuantile>& quantiles,
                          std::string_view indent) {
  if (quantiles.empty()) return {};
  std::string text = fmt::format("{}{} by position:", indent, r.measured[0].name);
  for (const NamedQuantile& q : quantiles) {
    text +=
        fmt::format("{} {} {}", &q == quantiles.data() ? "" : ",", q.name, score_number(q.value));
  }
  return text + "\n";
}

void add_quantiles(Json& json, const EvalResult& r, const std::vector<NamedQuantile>& quantiles) {
  if (quantiles.empty()) return;
  Json& all = json[r.measured[0].name + "_quantiles"];
  for (const NamedQuantile& q : quantiles) all[q.name] = q.value;
}

Json thinking_json(const ThinkingCounts& counts) {
  Json json = {{"replies", counts.replies()},
               {"thinking_tokens", counts.thinking_tokens},
               {"answer_tokens", counts.answer_tokens}};
  for (const ThinkingEnd end : kThinkingEnds) json["ended"][name(end)] = counts.ended(end);
  return json;
}

}  // namespace

std::string score_number(double value) {
  return value == 0 || std::abs(value) >= 0.001 ? fmt::format("{:.4f}", value)
                                                : fmt::format("{:.3g}", value);
}

Json eval_json(const EvalReport& report) {
  const EvalResult& r = report.result;
  // A score of no items would look like one of zero.
  const std::vector<Metric> metrics = r.items.empty() ? std::vector<Metric>() : summarize(r);
  Json json = {{"task", r.task},
               {"model", report.model},
               {"score", metrics.empty() ? Json() : Json(metrics[0].value)},
               {"ci95", metrics.empty() ? Json() : interval_json(metrics[0].ci95)},
               {"n", r.items.size()},
               {"planned", r.planned},
               {"partial", r.partial},
               {"metrics", metrics_json(metrics)},
               {"settings", r.settings},
               {"prompt_tokens", r.prompt_tokens},
               {"shared_tokens", r.shared_tokens},
               {"decode_tokens", r.reply_tokens},
               {"cut_replies", r.cut_replies},
               {"prompt_tokens_per_s", r.prompt_tokens_per_s()},
               {"decode_tokens_per_s", r.reply_tokens_per_s()},
               {"seconds", r.seconds},
               {"load_s", report.load_s},
               {"peak_rss_bytes", report.peak_rss_bytes}};
  for (const Metric& m : metrics) json[m.name] = m.value;
  add_quantiles(json, r, summarize_values(r));
  if (r.replies > 0) json["thinking"] = thinking_json(r.thinking);
  if (r.chosen_fast + r.chosen_slow > 0) {
    json["thinking"]["chosen"] = {{"fast", r.chosen_fast}, {"slow", r.chosen_slow}};
  }
  add_speculation_keys(json, r.speculation);
  if (report.draft) {
    json["draft_agreement"] = {{"share", report.draft->share.value},
                               {"ci95", interval_json(report.draft->share.ci95)},
                               {"tokens", report.draft->tokens}};
  }
  Json groups = Json::object();
  for (const GroupScore& g : summarize_groups(r)) {
    groups[g.key][g.value] = {{"n", g.n},
                              {"score", g.metrics[0].value},
                              {"ci95", interval_json(g.metrics[0].ci95)},
                              {"metrics", metrics_json(g.metrics)}};
    add_quantiles(groups[g.key][g.value], r, g.quantiles);
  }
  if (!groups.empty()) json["groups"] = groups;
  return json;
}

Json reference_json(const ReferenceReport& r) {
  return {{"model", r.model},    {"tokens", r.positions}, {"vocabulary", r.vocabulary},
          {"bytes", r.bytes},    {"in_file", r.in_file},  {"load_s", r.load_s},
          {"seconds", r.seconds}};
}

std::string reference_text(const ReferenceReport& r) {
  return fmt::format("reference  {}, {} tokens in {}, {} of logits in {}\n", r.model, r.positions,
                     seconds_text(r.seconds), bytes_text(r.bytes),
                     r.in_file ? "a temporary file" : "memory");
}

Json comparison_json(const std::vector<Comparison>& comparisons) {
  Json json = Json::object();
  for (const Comparison& c : comparisons) {
    json[c.metric] = {{"n", c.n},
                      {"a", c.a},
                      {"b", c.b},
                      {"difference", c.difference},
                      {"ci95", interval_json(c.ci95)}};
    // Counts of items exist for shares only.
    if (c.p_value < 1 || c.only_a + c.only_b > 0) {
      json[c.metric]["only_a"] = c.only_a;
      json[c.metric]["only_b"] = c.only_b;
      json[c.metric]["p_value"] = c.p_value;
    }
  }
  return json;
}

std::string eval_text(const EvalReport& report) {
  const EvalResult& r = report.result;
  std::string text =
      fmt::format("{}, {} item{}", r.task, r.items.size(), r.items.size() == 1 ? "" : "s");
  if (!report.model.empty()) text += ", " + report.model;
  if (r.partial) text += fmt::format(" (PARTIAL: stopped, {} were planned)", r.planned);
  text += "\n" + (r.items.empty() ? "  nothing was scored\n" : metric_lines(summarize(r), "  "));
  text += quantile_line(r, summarize_values(r), "  ");
  for (const GroupScore& g : summarize_groups(r)) {
    text += fmt::format("  {} {}, {} item{}\n", g.key, g.value, g.n, g.n == 1 ? "" : "s");
    text += metric_lines(g.metrics, "    ");
    text += quantile_line(r, g.quantiles, "    ");
  }
  if (report.draft) {
    text += fmt::format("  {:<16}{:>10.4f}  {} of {} tokens\n", "draft agrees",
                        report.draft->share.value, interval_text(report.draft->share.ci95),
                        report.draft->tokens);
  }
  return text;
}

std::string comparison_text(const std::vector<Comparison>& comparisons) {
  std::string text;
  for (const Comparison& c : comparisons) {
    text += fmt::format("second - first, {}: {}{} {} on {} items", c.metric,
                        c.difference < 0 ? "" : "+", score_number(c.difference),
                        interval_text(c.ci95), c.n);
    if (c.only_a + c.only_b > 0) {
      text += fmt::format("; only the first has {} right, only the second {}, p = {:.3g}", c.only_a,
                          c.only_b, c.p_value);
    }
    text += "\n";
  }
  return text;
}

std::string eval_summary_text(const EvalReport& report, const std::string& machine) {
  const EvalResult& r = report.result;
  std::string text = fmt::format("{}, peak memory {}; {}\n", seconds_text(r.seconds),
                                 bytes_text(report.peak_rss_bytes), machine);
  if (r.prompt_tokens > 0) {
    text += fmt::format("prompt  {} tokens, {:.0f} tokens/s{}\n", r.prompt_tokens,
                        r.prompt_tokens_per_s(),
                        r.shared_tokens > 0 ? fmt::format("; {} more were shared", r.shared_tokens)
                                            : std::string());
  }
  if (r.reply_tokens > 0) {
    text +=
        fmt::format("replies {} tokens, {:.0f} tokens/s\n", r.reply_tokens, r.reply_tokens_per_s());
  }
  if (r.cut_replies > 0) {
    text +=
        fmt::format("cut     {} of {} replies were over the limit: --max-tokens, or the context\n",
                    r.cut_replies, r.replies);
  }
  if (r.chosen_fast + r.chosen_slow > 0) {
    text += fmt::format("think   {} of {} replies were asked to think slow, the others fast\n",
                        r.chosen_slow, r.chosen_fast + r.chosen_slow);
  }
  text += thinking_text(r.thinking);
  text += speculation_text(r.speculation);
  return text;
}

std::string predictions(const EvalResult& result, const std::optional<std::string>& model) {
  std::string text;
  for (const eval::EvalItem& item : result.items) {
    Json row = item.details;
    row["line"] = item.info.line;
    if (model) row["model"] = *model;
    for (const auto& [key, value] : item.info.groups) row[key] = value;
    for (std::size_t m = 0; m < result.measured.size(); ++m) {
      const eval::MetricInfo& info = result.measured[m];
      if (info.kind == eval::MetricKind::kShare) row[info.name] = item.measures[m].value > 0;
    }
    text += json_text(row) + "\n";
  }
  return text;
}

std::string recordings(const EvalResult& result, const std::string& name) {
  std::string text;
  for (const eval::EvalItem& item : result.items) {
    if (item.prompt.empty() || item.reply.size() < 2) continue;  // nothing is decoded in one token
    const Json row = {{"name", name}, {"prompt", item.prompt}, {"reply", item.reply}};
    text += json_text(row) + "\n";
  }
  return text;
}

}  // namespace pangu::app
