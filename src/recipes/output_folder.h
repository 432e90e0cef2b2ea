// SPDX-License-Identifier: Apache-2.0
// The folder that a recipe fills.
#pragma once

#include <filesystem>
#include <vector>

namespace pangu::recipes {

/// Refuses with FileError the folder of a model that is read, for a run that fills it with files of
/// its own.
void require_other_folder(const std::filesystem::path& folder,
                          const std::vector<std::filesystem::path>& models);

}  // namespace pangu::recipes
