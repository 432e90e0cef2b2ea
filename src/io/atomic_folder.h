// SPDX-License-Identifier: Apache-2.0
// Folders that appear complete or not at all.
#pragma once

#include <filesystem>

namespace pangu {

/// A new folder, filled under a temporary name (".pangu-<process>-<number>.tmp") beside its final
/// place and renamed by commit(). Without commit() nothing stays behind.
///
/// Throws FileError with the path and the reason: the target exists and is no empty folder, the
/// folder that is to hold it is missing or not writable.
class AtomicFolder {
 public:
  explicit AtomicFolder(const std::filesystem::path& path);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  /// Where to write files until commit().
  const std::filesystem::path& path() const { return temporary_; }

  /// Makes the folder appear. Nothing may be written afterwards.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;  ///< empty once renamed
};

}  // namespace pangu
