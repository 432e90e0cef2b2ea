// SPDX-License-Identifier: Apache-2.0
// Measures a little of what a profile has again: to see whether it holds, or to bring its speeds up
// to date without asking a single item.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adaptive/choose/recommend.h"
#include "adaptive/drift/drift.h"
#include "adaptive/explore/laboratory.h"
#include "adaptive/profile/profile_store.h"

namespace pangu::adaptive {

/// Before each piece of work: what it is.
using PieceFn = std::function<void(const std::string& what)>;

struct RecheckOptions {
  LaboratoryOptions laboratory;
  std::vector<Goal> goals;        ///< whose choices have to stand
  double seconds = 3;             ///< for all turns together; each variant has one turn at least
  std::size_t most_variants = 3;  ///< that are measured beside the original
};

/// Measures the original and the variants that choices hang on (drift/decisive.h) in turns, and
/// bandwidth and peak of the machine, and lays them beside the figures of `data`, which are of this
/// model, machine and program. Loading comes on top of the seconds. Nothing is written.
/// Throws ConfigError where `data` has no speed of the original; what the laboratory throws.
ProfileDrift recheck(const ProfileData& data, const RecheckOptions& options, Context& ctx,
                     const PieceFn& piece = {});

/// The profile of this identity or, where there is none, the newest that comes nearest: of the
/// model elsewhere or by another program, or else of other weights that the user called
/// `model_name`.
std::optional<ProfileEntry> nearest_entry(const ProfileStore& store,
                                          const ProfileIdentity& identity,
                                          std::string_view model_name);

struct RefreshOptions {
  LaboratoryOptions laboratory;
  std::vector<std::string> only;   ///< names of variants; empty: all that have a speed
  std::optional<double> budget_s;  ///< no further variant begins after that
};

/// A variant's speed of one sequence, as it was kept before and after.
struct RefreshedSpeed {
  Variant variant;
  SpeedReading before, after;
};

struct RefreshResult {
  std::vector<RefreshedSpeed> speeds;
  std::vector<std::string> left_out;  ///< variants that time was too short for
};

/// Measures footprint and speeds of variants of a profile again, with prompts as long as before,
/// and the machine's where the original is among them. Answers stay, and every variant is kept as
/// soon as it is measured. Throws ConfigError for names of `only` that no variant with a speed has,
/// and for copies whose weights are gone or others; what laboratory and store throw.
RefreshResult refresh_speeds(ProfileStore& store, std::int64_t profile,
                             const RefreshOptions& options, Context& ctx,
                             const PieceFn& piece = {});

}  // namespace pangu::adaptive
