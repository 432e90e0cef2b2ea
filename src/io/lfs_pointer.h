// SPDX-License-Identifier: Apache-2.0
// A clone made without git-LFS leaves a small text where each large file should be. Readers look
// for it, because the format error it would cause otherwise hides the real reason.
#pragma once

#include <string_view>

#include "base/error.h"

namespace pangu {

/// Throws FileError if `head`, the first bytes of the file, opens a git-LFS pointer.
inline void refuse_lfs_pointer(std::string_view head, std::string_view file) {
  if (head.starts_with("version https://git-lfs")) {
    fail<FileError>(
        "[open] {} is a git-LFS pointer, a text that stands for the file. The file itself was "
        "expected. Run 'git lfs pull' in its folder, or download it again.",
        file);
  }
}

}  // namespace pangu
