// SPDX-License-Identifier: Apache-2.0
// pangu profile check and pangu profile refresh.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adaptive/explore/laboratory.h"
#include "apps/adaptive/profile_options.h"
#include "apps/shared/common_options.h"

namespace pangu::app {

/// Prints whether the profile holds. Throws EndWithStatus{kDoesNotHold} where it does not.
void check_profile(const ProfileFlags& flags, const adaptive::LaboratoryOptions& laboratory,
                   const CommonOptions& common);

/// Measures speeds of the variants `only`, or of all, again.
void refresh_profile(const ProfileFlags& flags, const adaptive::LaboratoryOptions& laboratory,
                     const std::vector<std::string>& only, std::optional<double> budget_s,
                     const CommonOptions& common);

}  // namespace pangu::app
