// SPDX-License-Identifier: Apache-2.0
// Which cores a loop of equal parts is best spread over.
#pragma once

#include <filesystem>
#include <vector>

namespace pangu {

/// How many cores among the processors `allowed` are fast ones, as `folder` tells
/// (/sys/devices/system/cpu). Two hardware threads of one core count once. Where cores differ, as
/// on phones and boards with large and small ones, those much slower than the fastest are left
/// out: a loop would wait for them. At least 1.
int fast_cores(const std::filesystem::path& folder, const std::vector<int>& allowed);

}  // namespace pangu
