// SPDX-License-Identifier: Apache-2.0
// Whether figures of a profile still hold: what is stored beside what was measured just now.
//
// Candidates are compared by the original's rates times each variant's ratio to it
// (choose/candidates.h). So two things can drift apart from each other: the original's rates, which
// every second and token per second comes from, and ratios, which choices come from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adaptive/explore/speed_turns.h"
#include "adaptive/profile/profile_data.h"
#include "base/processor_time.h"

namespace pangu::adaptive {

/// What a figure may lie beyond all fresh turns before it counts as drifted, as a share. The turns
/// themselves spread with what else the machine does.
inline constexpr double kRateMargin = 0.15, kRatioMargin = 0.1;

/// A stored figure, and the median, smallest and largest of those that were measured now.
struct FigureDrift {
  std::string name;  ///< "decode", "prefill", "bandwidth", "peak"
  double stored = 0, now = 0, low = 0, high = 0;
  double margin = 0;

  double change() const { return now / stored; }
  bool holds() const { return stored >= low / (1 + margin) && stored <= high * (1 + margin); }
  bool operator==(const FigureDrift&) const = default;
};

/// What was looked at of one variant: of the original its rates, of another its ratios to those.
struct VariantDrift {
  Variant variant;
  std::vector<FigureDrift> figures;
  bool holds() const;
};

/// How a profile differs from what it is asked about, where figures cannot be compared at all.
struct IdentityDifference {
  std::string what;  ///< "model", "machine", "engine", "copy"
  std::string stored, now;
};

struct ProfileDrift {
  ProfileEntry entry;  ///< the profile that was looked at
  /// Where there are some, nothing was measured of what they are about.
  std::vector<IdentityDifference> differences;
  std::vector<FigureDrift> machine;    ///< told, not judged by: causes, not figures of a choice
  std::vector<VariantDrift> variants;  ///< the original first
  std::vector<std::string> left_out;   ///< decisive variants that were not measured: names
  std::optional<OtherLoad> other_load;
  double measured_s = 0;  ///< that the turns took

  /// How many times the largest ratio of a turn is the smallest one, at most: 1 without any. Where
  /// that is much, only a large drift shows.
  double ratio_spread() const;
  bool rates_hold() const;   ///< of the original
  bool ratios_hold() const;  ///< of all others
  /// Whether choices stand: nothing is different, and no ratio has drifted.
  bool holds() const { return differences.empty() && ratios_hold(); }
  /// Names of the variants with a figure that has drifted.
  std::vector<std::string> drifted() const;
};

/// A reading of one sequence as it is stored, and turns of the same length.
struct SpeedThenAndNow {
  SpeedReading stored;
  SpeedTurns turns;
};

/// The original's rates.
VariantDrift compare_rates(const SpeedThenAndNow& original);
/// A variant's ratios to the original in the same seconds or, where both do not fit into memory,
/// to `original`, as candidates have them.
VariantDrift compare_ratios(const Variant& variant, const SpeedThenAndNow& speed,
                            const SpeedThenAndNow& original);

/// The two differ in these parts; empty where figures of `stored` are used for `wanted`.
std::vector<IdentityDifference> identity_differences(const ProfileIdentity& stored,
                                                     const ProfileIdentity& wanted);

}  // namespace pangu::adaptive
