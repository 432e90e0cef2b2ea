// SPDX-License-Identifier: Apache-2.0
// Levels of difficulty of test items, and which of them tells models apart.
#pragma once

#include <optional>
#include <string_view>

namespace pangu::corpus {

/// Level 1 is what training is made of. Each level above asks for more than the one before it:
/// docs/corpus.md says what, by family.
inline constexpr int kLevels = 4;

/// The level at which variants of a model that was trained on the corpus are compared: the one
/// where pangu-nano comes nearest to answering two of three items, so that there is room for worse
/// and better (docs/corpus.md has the scores). Nothing for families that are not scored ("chat").
/// Throws InputError for a family that is not there.
std::optional<int> discriminating_level(std::string_view family);

}  // namespace pangu::corpus
