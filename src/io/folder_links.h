// SPDX-License-Identifier: Apache-2.0
// Links in the folder of a model. It may come from anywhere, and a link in it would have us read,
// and copy to where others see it, any file of this machine.
#pragma once

#include <filesystem>

namespace pangu {

/// Throws FileError, naming link and target, unless `file` lies in `folder` with all links
/// followed, or in the cache that the folder belongs to: in a download of the Hugging Face hub,
/// NAME/snapshots/REVISION has links to NAME/blobs. A link that leads nowhere is refused, too.
void require_own_file(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace pangu
