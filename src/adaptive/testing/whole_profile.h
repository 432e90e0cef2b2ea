// SPDX-License-Identifier: Apache-2.0
// For tests: a profile with something in every figure, and how it gets into a database.
#pragma once

#include "adaptive/profile/profile_store.h"

namespace pangu::adaptive::test_data {

/// Two kinds, three variants (the original, one without a measurement, a smaller copy), answers and
/// speed-ups. Ids are those that a new database gives.
ProfileData whole_profile();

/// Makes a database of it alone: its profile is number 1. The first is written, which waits for the
/// disk often; later ones are copies.
void make_whole_profile(const std::filesystem::path& file);

/// Puts all of it, under the identity that it has. Returns the profile's id.
std::int64_t put_all(ProfileStore& store, const ProfileData& data);

}  // namespace pangu::adaptive::test_data
