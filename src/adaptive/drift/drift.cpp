// SPDX-License-Identifier: Apache-2.0
#include "adaptive/drift/drift.h"

#include <algorithm>

#include "measure/benchmark.h"

namespace pangu::adaptive {
namespace {

FigureDrift figure(const char* name, double stored, std::vector<double> turns, double margin) {
  const Spread now = spread_of(std::move(turns));
  return {name, stored, now.median, now.min, now.max, margin};
}

/// Of each turn.
std::vector<double> ratios(const std::vector<double>& own, const std::vector<double>& original) {
  std::vector<double> out;
  for (std::size_t i = 0; i < own.size(); ++i) out.push_back(own[i] / original[i]);
  return out;
}

/// What a rate is compared with: the original in the same turns, or what it had by itself.
FigureDrift ratio(const char* name, double stored, double stored_reference, double stored_original,
                  const std::vector<double>& turns, std::vector<double> reference,
                  const std::vector<double>& original) {
  if (stored_reference <= 0 || reference.empty()) {
    stored_reference = stored_original;
    reference.assign(turns.size(), spread_of(original).median);
  }
  return figure(name, stored / stored_reference, ratios(turns, reference), kRatioMargin);
}

void add_difference(std::vector<IdentityDifference>& out, const char* what,
                    const std::string& stored, const std::string& now) {
  if (stored != now) out.push_back({what, stored, now});
}

bool all_hold(const std::vector<FigureDrift>& list) {
  return std::all_of(list.begin(), list.end(), [](const FigureDrift& f) { return f.holds(); });
}

}  // namespace

bool VariantDrift::holds() const {
  return all_hold(figures);
}

double ProfileDrift::ratio_spread() const {
  double out = 1;
  for (const VariantDrift& v : variants) {
    if (v.variant.is_original()) continue;
    for (const FigureDrift& f : v.figures) out = std::max(out, f.high / f.low);
  }
  return out;
}

bool ProfileDrift::rates_hold() const {
  return std::all_of(variants.begin(), variants.end(),
                     [](const VariantDrift& v) { return !v.variant.is_original() || v.holds(); });
}

bool ProfileDrift::ratios_hold() const {
  return std::all_of(variants.begin(), variants.end(),
                     [](const VariantDrift& v) { return v.variant.is_original() || v.holds(); });
}

std::vector<std::string> ProfileDrift::drifted() const {
  std::vector<std::string> out;
  for (const VariantDrift& v : variants) {
    if (!v.holds()) out.push_back(v.variant.name());
  }
  return out;
}

VariantDrift compare_rates(const SpeedThenAndNow& original) {
  return {{},
          {figure("prefill", original.stored.prefill, original.turns.prefill, kRateMargin),
           figure("decode", original.stored.decode, original.turns.decode, kRateMargin)}};
}

VariantDrift compare_ratios(const Variant& variant, const SpeedThenAndNow& speed,
                            const SpeedThenAndNow& original) {
  const SpeedReading& then = speed.stored;
  const SpeedTurns& now = speed.turns;
  return {variant,
          {ratio("prefill", then.prefill, then.reference_prefill, original.stored.prefill,
                 now.prefill, now.reference_prefill, original.turns.prefill),
           ratio("decode", then.decode, then.reference_decode, original.stored.decode, now.decode,
                 now.reference_decode, original.turns.decode)}};
}

std::vector<IdentityDifference> identity_differences(const ProfileIdentity& stored,
                                                     const ProfileIdentity& wanted) {
  std::vector<IdentityDifference> out;
  add_difference(out, "model", stored.model, wanted.model);
  add_difference(out, "machine", stored.machine.key(), wanted.machine.key());
  add_difference(out, "engine", stored.engine, wanted.engine);
  return out;
}

}  // namespace pangu::adaptive
