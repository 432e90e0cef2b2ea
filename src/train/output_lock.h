// SPDX-License-Identifier: Apache-2.0
// Keeps two runs from writing to one folder.
#pragma once

#include <filesystem>

namespace pangu {

/// Holds a folder while it lives; the system lets go of it however the process ends.
class OutputLock {
 public:
  /// Creates the folder if it is not there. Throws FileError if another process holds it, or it
  /// cannot be written to.
  explicit OutputLock(const std::filesystem::path& folder);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  int fd_ = -1;
};

}  // namespace pangu
