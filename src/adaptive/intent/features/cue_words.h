// SPDX-License-Identifier: Apache-2.0
// Words that often say what a request wants.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "adaptive/intent/features/text_units.h"

namespace pangu::adaptive {

inline constexpr std::size_t kCueGroups = 12;

/// How many words of each group of cues a text has: about programs, changes of programs, story
/// problems, mathematics, choices, facts, given texts, summaries, translation, formats, feelings
/// and stories, greetings. They are hints for a probe, which learns what each is worth; no word
/// decides. `units` are text_units(text).
std::array<double, kCueGroups> cue_counts(std::string_view text,
                                          const std::vector<TextUnit>& units);

}  // namespace pangu::adaptive
