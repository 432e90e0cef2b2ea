// SPDX-License-Identifier: Apache-2.0
// What somebody meant who mistyped one of a few names.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pangu {

/// The name that differs from `given` by the fewest letters left out, added, replaced or swapped
/// with their neighbour, whatever their case; else one that `given` is the beginning of. Empty if
/// all are too far away: by more than a third of the longer one's letters, and more than one.
/// Source: Damerau 1964, doi:10.1145/363958.363994, restricted to adjacent swaps.
std::string_view nearest_name(std::string_view given, std::span<const std::string_view> names);

/// " Did you mean NAME?", or nothing where no name is near.
std::string did_you_mean(std::string_view given, std::span<const std::string_view> names);

/// Whether two names are the same but for the case of ASCII letters.
bool same_name(std::string_view a, std::string_view b);

}  // namespace pangu
