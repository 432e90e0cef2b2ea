// SPDX-License-Identifier: Apache-2.0
#include "apps/bench/bench_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

#include "report/units.h"

namespace pangu::app {
namespace {

/// A field of CSV; quoted where it must be.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

struct Column {
  const char* name;
  std::string (*text)(const BenchRun&);
};

std::string number(double value) {
  return fmt::format("{:.9g}", value);
}

// clang-format off
constexpr Column kColumns[] = {
    {"model", [](const BenchRun& r) { return r.model; }},
    {"format", [](const BenchRun& r) { return r.format; }},
    {"head_format", [](const BenchRun& r) { return r.head_format; }},
    {"embedding_format", [](const BenchRun& r) { return r.embedding_format; }},
    {"kv_format", [](const BenchRun& r) { return r.kv_format; }},
    {"dtype", [](const BenchRun& r) { return r.dtype; }},
    {"isa", [](const BenchRun& r) { return std::string(name(r.isa)); }},
    {"threads", [](const BenchRun& r) { return std::to_string(r.threads); }},
    {"batch", [](const BenchRun& r) { return std::to_string(r.batch); }},
    {"prompt_tokens", [](const BenchRun& r) { return std::to_string(r.prompt_tokens); }},
    {"decode_tokens", [](const BenchRun& r) { return std::to_string(r.decode_tokens); }},
    {"repetitions", [](const BenchRun& r) { return std::to_string(r.repetitions); }},
    {"load_s", [](const BenchRun& r) { return number(r.load_s); }},
    {"prefill_tokens_per_s", [](const BenchRun& r) { return number(r.result.prefill_tokens_per_s.median); }},
    {"prefill_ops_per_token", [](const BenchRun& r) { return number(r.result.prefill_cost.ops()); }},
    {"prefill_weight_bytes_per_token", [](const BenchRun& r) { return number(r.result.prefill_cost.weight_bytes); }},
    {"prefill_cache_bytes_per_token", [](const BenchRun& r) { return number(r.result.prefill_cost.cache_bytes); }},
    {"prefill_peak_share", [](const BenchRun& r) { return number(r.result.prefill_peak_share.median); }},
    {"decode_tokens_per_s", [](const BenchRun& r) { return number(r.result.decode_tokens_per_s.median); }},
    {"decode_ops_per_token", [](const BenchRun& r) { return number(r.result.decode_cost.ops()); }},
    {"decode_weight_bytes_per_token", [](const BenchRun& r) { return number(r.result.decode_cost.weight_bytes); }},
    {"decode_cache_bytes_per_token", [](const BenchRun& r) { return number(r.result.decode_cost.cache_bytes); }},
    {"decode_bandwidth_share", [](const BenchRun& r) { return number(r.result.decode_bandwidth_share.median); }},
    {"read_bandwidth_bytes_per_s", [](const BenchRun& r) { return number(r.result.read_bandwidth_bytes_per_s.median); }},
    {"peak_ops_per_s", [](const BenchRun& r) { return number(r.result.peak_ops_per_s.median); }},
    {"peak_arithmetic", [](const BenchRun& r) { return std::string(name(r.result.peak_arithmetic)); }},
    {"model_rss_bytes", [](const BenchRun& r) { return std::to_string(r.result.memory.resident_bytes); }},
};
// clang-format on

std::string percent(double share) {
  return fmt::format("{:.1f}%", 100 * share);
}

/// How a number of a run differs from the other runs'; empty where it does not.
template <class T>
std::function<std::string(const BenchRun&)> if_varied(const Sweep& sweep, T BenchRun::*member,
                                                      std::string before, std::string after) {
  std::set<T> values;
  for (const BenchRun& r : sweep.runs) values.insert(r.*member);
  if (values.size() < 2) return [](const BenchRun&) { return std::string(); };
  return [=](const BenchRun& r) { return fmt::format("{}{}{}", before, r.*member, after); };
}

}  // namespace

std::string table_head() {
  return fmt::format("{:<16} {:>7} {:>5} {:>7}  {:>9} {:>7}  {:>9} {:>9}  {:>8}\n", "weights",
                     "threads", "batch", "context", "prefill/s", "of peak", "decode/s", "of memory",
                     "memory");
}

std::string table_row(const BenchRun& r) {
  return fmt::format(
      "{:<16} {:>7} {:>5} {:>7}  {:>9.1f} {:>7}  {:>9.1f} {:>9}  {:>8}\n", r.format, r.threads,
      r.batch, r.prompt_tokens, r.result.prefill_tokens_per_s.median,
      percent(r.result.prefill_peak_share.median), r.result.decode_tokens_per_s.median,
      percent(r.result.decode_bandwidth_share.median), bytes_text(r.result.memory.resident_bytes));
}

std::string sweep_csv(const Sweep& sweep) {
  std::string text;
  const auto row = [&](const auto& field) {
    std::string line;
    for (const Column& c : kColumns) line += (line.empty() ? "" : ",") + csv_field(field(c));
    text += line + "\n";
  };
  row([](const Column& c) { return std::string(c.name); });
  for (const BenchRun& r : sweep.runs) row([&](const Column& c) { return c.text(r); });
  return text;
}

std::string sweep_markdown(const Sweep& s) {
  std::string text = fmt::format(
      "# {}\n\n{}, {}\n\n    {}\n\nMedians; shares are of rooflines measured around each "
      "repetition. "
      "Best of them with {} thread{}: {} read from memory",
      s.title, s.date, s.machine, s.command, s.roof_threads, s.roof_threads == 1 ? "" : "s",
      decimal_text(s.roofs.bytes_per_s, "B/s"));
  for (const RooflinePeak& p : s.roofs.peaks) {
    text += fmt::format(", {} in {}", decimal_text(p.ops_per_s, "op/s"), name(p.arithmetic));
  }
  text +=
      ".\n\n| weights | cache | threads | batch | context | prefill, tokens/s | of the peak | "
      "decode, "
      "tokens/s | of the bandwidth | read per token | memory |\n"
      "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const BenchRun& r : s.runs) {
    const BenchResult& b = r.result;
    text += fmt::format(
        "| {} | {} | {} | {} | {} | {:.1f} | {} {} | {:.1f} | {} | {} | {} |\n", r.format,
        r.kv_format, r.threads, r.batch, r.prompt_tokens, b.prefill_tokens_per_s.median,
        percent(b.prefill_peak_share.median), name(b.peak_arithmetic), b.decode_tokens_per_s.median,
        percent(b.decode_bandwidth_share.median), decimal_text(b.decode_cost.bytes(), "B"),
        bytes_text(b.memory.resident_bytes));
  }
  for (const BenchRun& r : s.runs) {
    for (const std::string& remark : bench_remarks(r)) {
      text += fmt::format("\n{}, {} x {}: {}\n", r.format, r.prompt_tokens, r.batch, remark);
    }
  }
  return text + "\n![Roofline](bench.svg)\n";
}

Plot sweep_plot(const Sweep& s) {
  const std::function<std::string(const BenchRun&)> parts[] = {
      if_varied(s, &BenchRun::batch, " \u00d7", ""),
      if_varied(s, &BenchRun::prompt_tokens, " at ", ""),
      if_varied(s, &BenchRun::threads, " ", "t"),
  };
  std::vector<RooflinePoint> points;
  std::set<std::string> prefills;
  for (const BenchRun& r : s.runs) {
    const auto add = [&](bool decode, const Spread& rate, const TokenCost& cost) {
      // Prompts are read one after the other: the batch makes no difference to them.
      std::string label = r.format;
      for (const auto& part : parts) {
        if (decode || &part != &parts[0]) label += part(r);
      }
      if (rate.median <= 0 || (!decode && !prefills.insert(label).second)) return;
      points.push_back({label, decode, cost.ops_per_byte(), rate.median * cost.ops()});
    };
    add(true, r.result.decode_tokens_per_s, r.result.decode_cost);
    add(false, r.result.prefill_tokens_per_s, r.result.prefill_cost);
  }
  // What the labels say, as far as they say it.
  const BenchRun example{.threads = 2, .prompt_tokens = 128, .batch = 4};
  std::string key = "format";
  for (const auto& [part, meaning] :
       {std::pair(&parts[0], " \u00d7sequences"), std::pair(&parts[1], " at context"),
        std::pair(&parts[2], " threads(t)")}) {
    if (!(*part)(example).empty()) key += meaning;
  }
  return roofline_plot(s.title,
                       fmt::format("{}; roofs with {} thread{}; labels: {}", s.machine,
                                   s.roof_threads, s.roof_threads == 1 ? "" : "s", key),
                       s.roofs, points);
}

Json sweep_json(const Sweep& s) {
  Json peaks = Json::object();
  for (const RooflinePeak& p : s.roofs.peaks) peaks[std::string(name(p.arithmetic))] = p.ops_per_s;
  Json runs = Json::array();
  for (const BenchRun& r : s.runs) runs.push_back(bench_json(r));
  return {{"machine", s.machine},
          {"date", s.date},
          {"command", s.command},
          {"read_bandwidth_bytes_per_s", s.roofs.bytes_per_s},
          {"peaks_ops_per_s", std::move(peaks)},
          {"runs", std::move(runs)}};
}

}  // namespace pangu::app
