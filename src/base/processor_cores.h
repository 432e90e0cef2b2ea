// SPDX-License-Identifier: Apache-2.0
// Which cores a loop of equal parts is best spread over.
#pragma once

#include <filesystem>
#include <vector>

namespace pangu {

/// Where the system tells of its processors.
inline constexpr const char* kProcessorFolder = "/sys/devices/system/cpu";

/// How many cores among the processors `allowed` are fast ones, as `folder` tells
/// (kProcessorFolder). Two hardware threads of one core count once. Where cores differ, as
/// on phones and boards with large and small ones, those much slower than the fastest are left
/// out: a loop would wait for them. At least 1.
int fast_cores(const std::filesystem::path& folder, const std::vector<int>& allowed);

/// The processors of these cores, all hardware threads of each, in the order of `allowed`; none
/// only if none is allowed.
std::vector<int> fast_processors(const std::filesystem::path& folder,
                                 const std::vector<int>& allowed);

}  // namespace pangu
