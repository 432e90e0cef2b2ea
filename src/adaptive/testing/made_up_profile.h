// SPDX-License-Identifier: Apache-2.0
// For tests: profiles built figure by figure.
#pragma once

#include <string>

#include "adaptive/profile/profile_data.h"

namespace pangu::adaptive::test_data {

inline constexpr std::int64_t kManyItems = 400;

/// A profile of the original (id 1) and one kind of task (id 1, "math", kManyItems items), which
/// the original answered all right, with prompts of 100 and replies of 50 tokens; 1 GB, 100 tokens
/// of prompts and 10 of replies per second.
ProfileData made_up_profile();

/// Adds a variant of a format, so many times as fast as the original and of a share of its memory.
/// Returns its id.
std::int64_t add_variant(ProfileData& data, const std::string& format, double faster,
                         double memory);

/// Answers to the first `count` items, of which the first `wrong` are wrong.
void answer(ProfileData& data, std::int64_t variant, std::int64_t count, std::int64_t wrong,
            Thinking thinking = Thinking::kDefault, std::int64_t reply_tokens = 50);

}  // namespace pangu::adaptive::test_data
