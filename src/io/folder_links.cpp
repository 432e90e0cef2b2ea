// SPDX-License-Identifier: Apache-2.0
#include "io/folder_links.h"

#include <algorithm>
#include <system_error>

#include "base/clipped.h"
#include "base/error.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

bool lies_in(const fs::path& file, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first ==
         folder.end();
}

/// Where the hub's cache keeps the files of a snapshot; empty for other folders.
fs::path blobs_of(const fs::path& folder) {
  const fs::path snapshots = folder.parent_path();
  return snapshots.filename() == "snapshots" ? snapshots.parent_path() / "blobs" : fs::path();
}

}  // namespace

void require_own_file(const fs::path& folder, const fs::path& file) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path target = error ? fs::path() : fs::canonical(file, error);
  if (error) {
    fail<FileError>("[open] {}: {}. Where it is a link, does what it leads to exist?",
                    clipped(file.string(), 1000), error.message());
  }
  if (lies_in(target, root)) return;
  const fs::path blobs = blobs_of(root);
  if (!blobs.empty() && target.parent_path() == blobs) return;
  fail<FileError>(
      "[open] {} is a link that leads out of the model's folder, to {}. Links may lead to files in "
      "the folder, or in the hub's cache to ../../blobs. If the file belongs to the model, put a "
      "copy in place of the link.",
      clipped(file.string(), 1000), clipped(target.string(), 1000));
}

}  // namespace pangu
