// SPDX-License-Identifier: Apache-2.0
#include "adaptive/optimize/optimize_report.h"

#include <fmt/format.h>

#include "adaptive/report/profile_report.h"
#include "report/markdown.h"
#include "report/units.h"

namespace pangu::adaptive {
namespace {

double ratio(double a, double b) {
  return b > 0 ? a / b : 0;
}

std::string kept_text(const Candidate& c) {
  if (c.is_baseline()) return "1 (the original)";
  if (c.items == 0 || c.tells_nothing) return "not told";
  const eval::Interval kept = kept_interval(c.pairs, eval::kZ95);
  return fmt::format("{:.3f} [{:.3f}, {:.3f}] of {:.3f}, {} items", c.pairs.kept(), kept.low,
                     kept.high, c.pairs.original(), c.pairs.n);
}

std::string check_text(const OptimizedKind& k) {
  // Checks that did not hold are of other candidates; the original is chosen without one.
  if (k.checks.empty() || !k.checks.back().holds) return std::string(kNoCell);
  const HeldOutCheck& last = k.checks.back();
  return fmt::format("{:.4f} ({} items; {:.4f} or more promised)", last.pairs.kept(), last.pairs.n,
                     last.promised.low);
}

/// What was chosen before and did not hold; empty where nothing was.
std::string steps_back(const OptimizedKind& kind) {
  std::string out;
  for (const HeldOutCheck& c : kind.checks) {
    if (c.holds) continue;
    out += fmt::format("- {}: kept {:.4f} of the score on {} items, {:.4f} or more was promised\n",
                       c.strategy, c.pairs.kept(), c.pairs.n, c.promised.low);
  }
  if (out.empty()) return out;
  return fmt::format("\nFor {} these were chosen first and did not hold:\n\n", kind.kind) + out;
}

std::string kind_names(const std::vector<OptimizedKind>& kinds) {
  std::string out;
  for (const OptimizedKind& kind : kinds) out += (out.empty() ? "" : ", ") + kind.kind;
  return out;
}

}  // namespace

double OptimizedKind::size_ratio() const {
  return ratio(static_cast<double>(bytes_before), static_cast<double>(bytes_after));
}
double OptimizedKind::decode_ratio() const {
  return ratio(fresh.decode, fresh.reference_decode);
}
double OptimizedKind::predicted_decode_ratio() const {
  return ratio(choice.decode, baseline.decode);
}
double OptimizedKind::answer_ratio() const {
  return ratio(baseline.answer_s(), choice.answer_s());
}

std::string optimized_markdown(const std::vector<OptimizedKind>& kinds) {
  std::string out =
      "| kind | strategy | weights on disk | plain decode | seconds per answer | keeps of the "
      "score | "
      "on items kept back |\n|---|---|--:|--:|--:|---|---|\n";
  for (const OptimizedKind& k : kinds) {
    out += fmt::format(
        "| {} | {} | {} to {} ({:.1f}x) | {:.2f}x | {} to {} ({:.1f}x) | {} | {} |\n",
        markdown_cell(k.kind), markdown_cell(k.choice.strategy.text()), bytes_text(k.bytes_before),
        bytes_text(k.bytes_after), k.size_ratio(), k.decode_ratio(),
        seconds_text(k.baseline.answer_s()), seconds_text(k.choice.answer_s()), k.answer_ratio(),
        kept_text(k.choice), check_text(k));
  }
  return out;
}

std::string missed_aims(const std::vector<OptimizedKind>& kinds, const OptimizeAims& aims) {
  std::string out;
  for (const OptimizedKind& k : kinds) {
    const auto miss = [&](const char* what, double reached, double aim) {
      if (reached >= aim) return;
      out += fmt::format(
          "- {}: {:.2f} times {} where {:.0f} were the aim: nothing that was measured "
          "and keeps to the constraints gives more for this objective.\n",
          k.kind, reached, what, aim);
    };
    miss("smaller on disk", k.size_ratio(), aims.size_ratio);
    miss("faster in plain decode", k.decode_ratio(), aims.decode_ratio);
  }
  return out;
}

Json optimized_json(const OptimizedKind& k) {
  Json checks = Json::array();
  for (const HeldOutCheck& c : k.checks) {
    checks.push_back({{"strategy", c.strategy},
                      {"items", c.pairs.n},
                      {"kept", c.pairs.kept()},
                      {"promised", {c.promised.low, c.promised.high}},
                      {"holds", c.holds}});
  }
  return {{"kind", k.kind},
          {"choice", candidate_json(k.choice)},
          {"baseline", candidate_json(k.baseline)},
          {"checks", std::move(checks)},
          {"bytes_in", k.bytes_before},
          {"bytes_out", k.bytes_after},
          {"size_ratio", k.size_ratio()},
          {"decode_ratio", k.decode_ratio()},
          {"predicted_decode_ratio", k.predicted_decode_ratio()},
          {"answer_ratio", k.answer_ratio()}};
}

std::string optimize_report(const ProfileEntry& entry, const std::string& command,
                            const std::vector<OptimizedKind>& kinds) {
  std::string out =
      fmt::format("# {}, for {}\n\nMade by `{}` from measurements of {} on {} (engine {}).\n\n",
                  entry.model_name, kind_names(kinds), command, entry.updated,
                  entry.identity.machine.key(), entry.identity.engine);
  out += optimized_markdown(kinds);
  out +=
      "\nRatios of speed were measured in turns. Intervals are of 95 %; items that were kept "
      "back had no part in the choice.\n";
  const std::string missed = missed_aims(kinds);
  if (!missed.empty()) out += "\nAims that were missed:\n\n" + missed;
  for (const OptimizedKind& kind : kinds) {
    out += steps_back(kind);
    if (kind.kind != "any") {
      out +=
          fmt::format("\n![Quality and time of the variants for {0}](front-{0}.svg)\n", kind.kind);
    }
  }
  return out;
}

}  // namespace pangu::adaptive
