// SPDX-License-Identifier: Apache-2.0
// For people and programs: whether a profile still holds, and what to do where it does not.
#pragma once

#include <string>

#include "adaptive/drift/drift.h"
#include "adaptive/drift/recheck.h"
#include "io/json.h"

namespace pangu::adaptive {

/// The command that measures again just what has drifted; empty where nothing has.
std::string next_command(const ProfileDrift& drift, const std::string& model);

/// A table of figures then and now, the verdict, and the next command; newline at the end.
std::string drift_text(const ProfileDrift& drift, const std::string& model);

/// {"model", "measured", "holds", "ratios_hold", "rates_hold", "differences", "machine",
/// "variants", "not_measured", "other_load", "measured_s", "next"}; docs/profile.md.
Json drift_json(const ProfileDrift& drift, const std::string& model);

/// A table of speeds before and after.
std::string refresh_text(const RefreshResult& result);
/// {"refreshed": [{"variant", "before", "after"}], "left_out"}.
Json refresh_json(const RefreshResult& result);

}  // namespace pangu::adaptive
