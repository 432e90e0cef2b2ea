// SPDX-License-Identifier: Apache-2.0
// The variants whose speed recommendations hang on.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "adaptive/choose/recommend.h"
#include "adaptive/profile/profile_data.h"

namespace pangu::adaptive {

/// Variants that any of the goals chooses for a kind of task, those that are chosen most often
/// first, then those that come second; the original is not among them. Pointers are into `data`.
std::vector<const VariantFigures*> decisive_variants(const ProfileData& data,
                                                     std::span<const Goal> goals);

}  // namespace pangu::adaptive
