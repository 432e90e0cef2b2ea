// SPDX-License-Identifier: Apache-2.0
#include "adaptive/drift/recheck.h"

#include <fmt/format.h>

#include <algorithm>

#include "adaptive/drift/decisive.h"
#include "adaptive/profile/model_digest.h"
#include "base/error.h"
#include "base/resources.h"
#include "base/shell_word.h"
#include "models/model_files.h"

namespace pangu::adaptive {
namespace {

/// Rounds of turns, where small models leave time for more: the range of a few says little.
constexpr int kRecheckRounds = 9;

void tell(const PieceFn& piece, const std::string& what) {
  if (piece) piece(what);
}

/// The reading of one sequence, which the profile has of whatever knows_speed().
const SpeedReading& single_reading(const VariantFigures& v) {
  return *std::find_if(v.speed.begin(), v.speed.end(),
                       [](const SpeedReading& r) { return r.batch == 1; });
}

const VariantFigures& measured_original(const ProfileData& data) {
  const VariantFigures* original = data.original();
  if (original && original->knows_speed()) return *original;
  fail<ConfigError>(
      "[profile] the profile of {} has no speed of the original yet: there is nothing to compare "
      "with. Measure: pangu profile {} --budget 2m",
      data.entry.model_name, shell_word(data.entry.model_name));
}

/// How the weights of a smaller copy differ from those that were measured.
std::optional<IdentityDifference> copy_difference(const VariantFigures& v) {
  if (v.variant.source.empty()) return std::nullopt;
  const std::string what = "copy " + v.variant.source.string();
  try {
    const std::string now = model_digest(resolve_model(v.variant.source), nullptr);
    if (now == v.source_digest) return std::nullopt;
    return IdentityDifference{what, v.source_digest, now};
  } catch (const FileError& error) {
    return IdentityDifference{what, v.source_digest, error.what()};
  }
}

FigureDrift single_figure(const char* name, double stored, double now) {
  return {name, stored, now, now, now, kRateMargin};
}

class Recheck {
 public:
  Recheck(const ProfileData& data, const RecheckOptions& options, Context& ctx,
          const PieceFn& piece)
      : data_(data), options_(options), piece_(piece), laboratory_(options.laboratory, ctx) {}

  ProfileDrift run() {
    out_.entry = data_.entry;
    const VariantFigures& original = measured_original(data_);
    const std::vector<const VariantFigures*> others = chosen();
    check_machine();
    const OtherLoadMeter meter;
    const double share = options_.seconds / static_cast<double>(1 + others.size());
    const SpeedThenAndNow own = measure(original, share);
    out_.variants.push_back(compare_rates(own));
    for (const VariantFigures* v : others) {
      out_.variants.push_back(compare_ratios(v->variant, measure(*v, share), own));
    }
    out_.other_load = meter.load();
    return std::move(out_);
  }

 private:
  /// Decisive variants whose weights are those that were measured, as many as are wanted.
  std::vector<const VariantFigures*> chosen() {
    std::vector<const VariantFigures*> out;
    for (const VariantFigures* v : decisive_variants(data_, options_.goals)) {
      if (out.size() == options_.most_variants) {
        out_.left_out.push_back(v->variant.name());
      } else if (auto difference = copy_difference(*v)) {
        out_.differences.push_back(std::move(*difference));
      } else {
        out.push_back(v);
      }
    }
    return out;
  }

  void check_machine() {
    if (!data_.machine_speed) return;
    tell(piece_, "the machine");
    const MachineSpeed now = laboratory_.machine_speed();
    out_.machine = {single_figure("bandwidth", data_.machine_speed->bandwidth, now.bandwidth),
                    single_figure("peak", data_.machine_speed->peak, now.peak)};
  }

  SpeedThenAndNow measure(const VariantFigures& v, double seconds) {
    tell(piece_, v.variant.name() + ": speed");
    const SpeedReading& stored = single_reading(v);
    laboratory_.prepare(v.variant);
    const Stopwatch watch;
    SpeedTurns turns = laboratory_.turns(v.variant, stored.prompt_tokens, seconds, kRecheckRounds);
    out_.measured_s += watch.seconds();
    return {stored, std::move(turns)};
  }

  const ProfileData& data_;
  const RecheckOptions& options_;
  const PieceFn& piece_;
  Laboratory laboratory_;
  ProfileDrift out_;
};

/// Variants that have a speed, all or those that are named; the original first, caches of the same
/// weights after each other.
std::vector<const VariantFigures*> to_refresh(const ProfileData& data,
                                              const std::vector<std::string>& only) {
  std::vector<const VariantFigures*> out;
  for (const VariantFigures& v : data.variants) {
    if (v.knows_speed()) out.push_back(&v);
  }
  for (const std::string& name : only) {
    const bool known = std::any_of(
        out.begin(), out.end(), [&](const VariantFigures* v) { return v->variant.name() == name; });
    if (known) continue;
    std::string names;
    for (const VariantFigures* v : out) names += (names.empty() ? "" : ", ") + v->variant.name();
    fail<ConfigError>("[profile] there is no speed of a variant '{}' to refresh. Known: {}.", name,
                      names.empty() ? "none" : names);
  }
  if (!only.empty()) {
    std::erase_if(out, [&](const VariantFigures* v) {
      return std::find(only.begin(), only.end(), v->variant.name()) == only.end();
    });
  }
  for (const VariantFigures* v : out) {
    if (const auto d = copy_difference(*v)) {
      fail<ConfigError>(
          "[profile] {} has other weights than those that were measured ({}, was {}). Measure it "
          "with pangu profile MODEL --also {}, or leave it out with --only.",
          d->what, d->now, d->stored, v->variant.source.string());
    }
  }
  return out;
}

/// Prompts and sequences as they were.
LaboratoryOptions as_measured(LaboratoryOptions options, const VariantFigures& v) {
  options.prompt_tokens = single_reading(v).prompt_tokens;
  for (const SpeedReading& r : v.speed) {
    if (r.batch > 1) options.many = r.batch;
  }
  return options;
}

}  // namespace

ProfileDrift recheck(const ProfileData& data, const RecheckOptions& options, Context& ctx,
                     const PieceFn& piece) {
  static_cast<void>(measured_original(data));  // before the model is loaded
  return Recheck(data, options, ctx, piece).run();
}

std::optional<ProfileEntry> nearest_entry(const ProfileStore& store,
                                          const ProfileIdentity& identity,
                                          std::string_view model_name) {
  const std::vector<ProfileEntry> of_model = store.entries(identity.model);
  for (const ProfileEntry& entry : of_model) {
    if (identity_differences(entry.identity, identity).empty()) return entry;
  }
  if (!of_model.empty()) return of_model.front();
  for (ProfileEntry& entry : store.entries()) {
    if (entry.model_name == model_name) return std::move(entry);
  }
  return std::nullopt;
}

RefreshResult refresh_speeds(ProfileStore& store, std::int64_t profile,
                             const RefreshOptions& options, Context& ctx, const PieceFn& piece) {
  const ProfileData data = store.load(profile);
  const LaboratoryOptions how = as_measured(options.laboratory, measured_original(data));
  const std::vector<const VariantFigures*> list = to_refresh(data, options.only);
  const Stopwatch watch;
  Laboratory laboratory(how, ctx);
  RefreshResult out;
  for (const VariantFigures* v : list) {
    if (options.budget_s && watch.seconds() >= *options.budget_s) {
      out.left_out.push_back(v->variant.name());
      continue;
    }
    if (v->variant.is_original()) {
      tell(piece, "the machine");
      store.put_machine_speed(profile, laboratory.machine_speed());
    }
    tell(piece, v->variant.name() + ": speed and memory");
    const Laboratory::Speed speed = laboratory.speed(v->variant);
    store.put_speed(v->id, speed.footprint, speed.readings);
    out.speeds.push_back({v->variant, single_reading(*v), speed.readings.front()});
  }
  return out;
}

}  // namespace pangu::adaptive
