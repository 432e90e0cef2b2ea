// SPDX-License-Identifier: Apache-2.0
// Which examples are kept back together.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pangu::adaptive {

/// A fold from 0 for each example, such that classes are spread evenly and what has the same group
/// is in one fold; an example with an empty group is one of its own. There are `folds` of them, or
/// as many as the class with the fewest groups has; at least 2. The same for the same arguments.
/// Throws InputError where a class has fewer than two groups: nothing could be kept back of it.
std::vector<int> assign_folds(std::span<const int> labels, std::span<const std::string> groups,
                              std::span<const std::string> classes, int folds, std::uint64_t seed);

}  // namespace pangu::adaptive
