// SPDX-License-Identifier: Apache-2.0
#include "recipes/output_folder.h"

#include "base/error.h"
#include "models/file_of_model.h"

namespace pangu::recipes {

void require_other_folder(const std::filesystem::path& folder,
                          const std::vector<std::filesystem::path>& models) {
  for (const std::filesystem::path& model : models) {
    // Every model has one, and a GGUF file gets company that is taken for it.
    if (!is_file_of_model(folder / "config.json", model)) continue;
    fail<FileError>(
        "[output] {} is the folder of the model {} that is read, which would be lost. Choose "
        "another folder.",
        folder.string(), model.string());
  }
}

}  // namespace pangu::recipes
