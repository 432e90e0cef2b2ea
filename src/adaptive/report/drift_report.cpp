// SPDX-License-Identifier: Apache-2.0
#include "adaptive/report/drift_report.h"

#include <fmt/format.h>

#include "adaptive/report/profile_report.h"
#include "base/shell_word.h"
#include "report/units.h"

namespace pangu::adaptive {
namespace {

/// As the figure's unit wants it: rates of tokens, ratios, bytes and operations per second.
std::string value_text(const FigureDrift& f, bool is_ratio, double value) {
  if (f.name == "bandwidth") return decimal_text(value, "B/s");
  if (f.name == "peak") return decimal_text(value, "op/s");
  return is_ratio ? fmt::format("{:.3f} x", value) : fmt::format("{:.1f}/s", value);
}

std::string drift_row(const std::string& name, const FigureDrift& f, bool is_ratio) {
  const std::string turns =
      fmt::format("[{}, {}]", value_text(f, is_ratio, f.low), value_text(f, is_ratio, f.high));
  return fmt::format("  {:<20} {:<10} {:>12} {:>12} {:<26} {:>7.3f}  {}\n", name, f.name,
                     value_text(f, is_ratio, f.stored), value_text(f, is_ratio, f.now),
                     f.low < f.high ? turns : "", f.change(), f.holds() ? "holds" : "drifted");
}

std::string table(const ProfileDrift& drift) {
  std::string out = fmt::format("  {:<20} {:<10} {:>12} {:>12} {:<26} {:>7}\n", "", "figure",
                                "stored", "now", "[turns]", "change");
  for (const FigureDrift& f : drift.machine) out += drift_row("machine", f, false);
  for (const VariantDrift& v : drift.variants) {
    for (const FigureDrift& f : v.figures) {
      out += drift_row(v.variant.name(), f, !v.variant.is_original());
    }
  }
  return out;
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ",") + name;
  return out;
}

std::string load_text(const ProfileDrift& drift) {
  if (!drift.other_load || drift.other_load->others + drift.other_load->steal < 0.05) return "";
  return fmt::format(
      "meanwhile other processes took {:.0f} % of all processors, the host {:.0f} %\n",
      100 * drift.other_load->others, 100 * drift.other_load->steal);
}

/// Turns that differ by more make a verdict a weak one.
constexpr double kSteady = 1.5;

std::string spread_text(const ProfileDrift& drift) {
  if (drift.ratio_spread() < kSteady) return "";
  return fmt::format(
      "ratios differed up to {:.1f} times from turn to turn: a smaller drift does not show now\n",
      drift.ratio_spread());
}

std::string verdict(const ProfileDrift& drift) {
  std::string out;
  for (const IdentityDifference& d : drift.differences) {
    out += fmt::format("does not hold: {} is not what was measured\n  measured {}\n  now      {}\n",
                       d.what, d.stored, d.now);
  }
  if (!drift.ratios_hold()) {
    out += "does not hold: ratios to the original have drifted, and choices come from them\n";
  }
  if (!out.empty()) return out;
  if (drift.rates_hold()) return "holds: rates and ratios are those that were measured\n";
  return "holds as far as choices go: ratios are those that were measured. Rates have moved, and "
         "with them\nall seconds and tokens per second, and what keeps to limits in these\n";
}

Json figures_json(const std::vector<FigureDrift>& figures) {
  Json out = Json::array();
  for (const FigureDrift& f : figures) {
    out.push_back({{"figure", f.name},
                   {"stored", f.stored},
                   {"now", f.now},
                   {"low", f.low},
                   {"high", f.high},
                   {"margin", f.margin},
                   {"change", f.change()},
                   {"holds", f.holds()}});
  }
  return out;
}

Json reading_json(const SpeedReading& r) {
  return {{"prefill_tokens_per_s", r.prefill},
          {"decode_tokens_per_s", r.decode},
          {"original_prefill_tokens_per_s", r.reference_prefill},
          {"original_decode_tokens_per_s", r.reference_decode},
          {"measured", r.measured}};
}

}  // namespace

std::string next_command(const ProfileDrift& drift, const std::string& model) {
  const std::string name = shell_word(model);
  for (const IdentityDifference& d : drift.differences) {
    if (!d.what.starts_with("copy ")) return fmt::format("pangu profile {} --budget 2m", name);
  }
  if (!drift.differences.empty()) {
    std::string copies;
    for (const IdentityDifference& d : drift.differences) {
      copies += " --also " + shell_word(d.what.substr(5));
    }
    return fmt::format("pangu profile {}{} --budget 2m", name, copies);
  }
  const std::vector<std::string> drifted = drift.drifted();
  if (drifted.empty()) return "";
  return fmt::format("pangu profile refresh {} --only {}", name, shell_word(joined(drifted)));
}

std::string drift_text(const ProfileDrift& drift, const std::string& model) {
  std::string out = entry_text(drift.entry);
  if (!drift.variants.empty()) {
    out += fmt::format("  looked at again for {}\n\n", seconds_text(drift.measured_s));
    out += table(drift);
  }
  if (!drift.left_out.empty()) {
    out += fmt::format("  not looked at: {}\n", joined(drift.left_out));
  }
  out += "\n" + load_text(drift) + spread_text(drift) + verdict(drift);
  const std::string next = next_command(drift, model);
  if (!next.empty()) out += "next     " + next + "\n";
  return out;
}

Json drift_json(const ProfileDrift& drift, const std::string& model) {
  Json differences = Json::array(), variants = Json::array();
  for (const IdentityDifference& d : drift.differences) {
    differences.push_back({{"what", d.what}, {"stored", d.stored}, {"now", d.now}});
  }
  for (const VariantDrift& v : drift.variants) {
    variants.push_back({{"variant", v.variant.name()},
                        {"of", v.variant.is_original() ? "rates" : "ratios"},
                        {"holds", v.holds()},
                        {"figures", figures_json(v.figures)}});
  }
  const std::string next = next_command(drift, model);
  Json out = {{"model", model},
              {"measured", drift.entry.updated},
              {"holds", drift.holds()},
              {"ratios_hold", drift.variants.empty() ? Json() : Json(drift.ratios_hold())},
              {"rates_hold", drift.variants.empty() ? Json() : Json(drift.rates_hold())},
              {"ratio_spread", drift.ratio_spread()},
              {"differences", std::move(differences)},
              {"machine", figures_json(drift.machine)},
              {"variants", std::move(variants)},
              {"not_measured", drift.left_out},
              {"other_load", Json()},
              {"measured_s", drift.measured_s},
              {"next", next.empty() ? Json() : Json(next)}};
  if (drift.other_load) {
    out["other_load"] = {{"others", drift.other_load->others}, {"steal", drift.other_load->steal}};
  }
  return out;
}

std::string refresh_text(const RefreshResult& result) {
  std::string out = fmt::format("  {:<24} {:>19} {:>19} {:>19}\n", "variant", "prefill/s",
                                "decode/s", "decode / original's");
  const auto change = [](double before, double after, int digits) {
    return fmt::format("{:.{}f} -> {:.{}f}", before, digits, after, digits);
  };
  const auto ratio = [](const SpeedReading& r) {
    return r.reference_decode > 0 ? r.decode / r.reference_decode : 0;
  };
  for (const RefreshedSpeed& s : result.speeds) {
    out += fmt::format("  {:<24} {:>19} {:>19} {:>19}\n", s.variant.name(),
                       change(s.before.prefill, s.after.prefill, 1),
                       change(s.before.decode, s.after.decode, 1),
                       ratio(s.after) > 0 ? change(ratio(s.before), ratio(s.after), 3) : "-");
  }
  if (!result.left_out.empty()) {
    out += fmt::format("  time was up before: {}\n", joined(result.left_out));
  }
  return out;
}

Json refresh_json(const RefreshResult& result) {
  Json list = Json::array();
  for (const RefreshedSpeed& s : result.speeds) {
    list.push_back({{"variant", s.variant.name()},
                    {"before", reading_json(s.before)},
                    {"after", reading_json(s.after)}});
  }
  return {{"refreshed", std::move(list)}, {"left_out", result.left_out}};
}

}  // namespace pangu::adaptive
