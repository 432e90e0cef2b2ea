// SPDX-License-Identifier: Apache-2.0
// Folders that appear complete or not at all.
#pragma once

#include <filesystem>
#include <optional>

#include "io/temporary.h"

namespace pangu {

/// A new folder, filled as a Temporary beside its final place and renamed by commit(). Without
/// commit() nothing stays behind.
///
/// Throws FileError with the path and the reason: the target exists and is no empty folder, the
/// folder that is to hold it is missing or not writable.
class AtomicFolder {
 public:
  explicit AtomicFolder(const std::filesystem::path& path);
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  /// Where to write files until commit().
  const std::filesystem::path& path() const { return temporary_->path(); }

  /// Makes the folder appear. Nothing may be written afterwards.
  void commit();

 private:
  std::filesystem::path target_;
  std::optional<Temporary> temporary_;  ///< none once renamed
};

}  // namespace pangu
