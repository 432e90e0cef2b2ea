// SPDX-License-Identifier: Apache-2.0
#include "adaptive/report/cost_report.h"

#include <fmt/format.h>

namespace pangu::adaptive {
namespace {

/// Two digits at most: an expectation is no measurement.
std::string rough_text(double seconds) {
  if (seconds < 9.5) return fmt::format("{:.1f} s", seconds);
  if (seconds < 90) return fmt::format("{:.0f} s", seconds);
  const double minutes = seconds / 60;
  if (minutes < 9.5) return fmt::format("{:.1f} min", minutes);
  if (minutes < 90) return fmt::format("{:.0f} min", minutes);
  return fmt::format("{:.1f} h", minutes / 60);
}

}  // namespace

std::string cost_text(const CostEstimate& cost) {
  return fmt::format("about {} ({} to {})", rough_text(cost.about_s), rough_text(cost.low_s),
                     rough_text(cost.high_s));
}

std::string took_text(double seconds, const std::optional<CostEstimate>& cost) {
  if (!cost) return rough_text(seconds);
  return fmt::format("{}, where about {} were expected", rough_text(seconds),
                     rough_text(cost->about_s));
}

Json run_json(const std::optional<CostEstimate>& cost, double seconds, bool settled,
              std::int64_t answers) {
  Json out = {
      {"expected_s", Json()}, {"seconds", seconds}, {"settled", settled}, {"answers", answers}};
  if (cost) {
    out["expected_s"] = {{"about", cost->about_s}, {"low", cost->low_s}, {"high", cost->high_s}};
  }
  return out;
}

}  // namespace pangu::adaptive
