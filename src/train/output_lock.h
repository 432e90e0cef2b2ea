// SPDX-License-Identifier: Apache-2.0
// Keeps two runs from writing to one folder.
#pragma once

#include <filesystem>

namespace pangu {

/// Holds a folder while it lives; the system lets go of it however the process ends. A folder that
/// it created and that is still empty at the end, because the run failed, is removed.
class OutputLock {
 public:
  /// Creates the folder if it is not there. Throws FileError if another process holds it, or it
  /// cannot be written to.
  explicit OutputLock(const std::filesystem::path& folder);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  std::filesystem::path created_;  ///< empty if it was there
  int fd_ = -1;
};

}  // namespace pangu
