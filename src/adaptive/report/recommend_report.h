// SPDX-License-Identifier: Apache-2.0
// A recommendation with its reasons, for people and for programs.
#pragma once

#include <string>

#include "adaptive/choose/recommend.h"
#include "adaptive/profile/profile_data.h"
#include "io/json.h"

namespace pangu::adaptive {

/// The command that runs a candidate: "pangu run MODEL --format w8a8 --spec auto".
std::string run_command(const ProfileData& data, const Candidate& candidate);

struct RecommendQuestion {
  std::string kind;  ///< empty: any
  Goal goal;
};

/// What to use, what would come next, what decided, what would change it, how old the figures are,
/// and the command.
std::string recommendation_text(const ProfileData& data, const RecommendQuestion& question,
                                const Decision& decision);
/// {"kind", "objective", "constraints", "recommended": candidate or null, "cost", "quality",
/// "runners_up", "alternatives": [{"obstacle", "needed", ...}], "undecided": candidate or null,
/// "command", "measured"}.
Json recommendation_json(const ProfileData& data, const RecommendQuestion& question,
                         const Decision& decision);

}  // namespace pangu::adaptive
