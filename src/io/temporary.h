// SPDX-License-Identifier: Apache-2.0
// Temporary files and folders beside their final place, which no ending of the program leaves for
// good.
#pragma once

#include <filesystem>
#include <string_view>

namespace pangu {

/// A new file or folder named ".pangu-<process>-<number>.tmp" in `folder`, locked (flock) while
/// this lives, and removed unless keep() is called. Making the first one of a process in a folder
/// removes what killed processes left there: names whose process is gone and whose lock is free.
class Temporary {
 public:
  enum class Kind { kFile, kFolder };

  /// Makes it; where that fails, error() says why and path() is empty. `mode` are the permissions
  /// of a file (umask applies).
  Temporary(const std::filesystem::path& folder, Kind kind, unsigned mode = 0666);
  ~Temporary();
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// The system's error number, or 0.
  int error() const { return error_; }
  /// Open for reading and writing, of a file; read-only, of a folder. -1 once released.
  int descriptor() const { return fd_; }
  /// Hands the descriptor over, and the lock with it; the caller closes it.
  int release_descriptor();
  /// Has it left where it is, or where it was renamed to.
  void keep();

  /// Removes those that are there now: for a program that must end without unwinding. Nothing may
  /// be written afterwards.
  static void remove_all();

 private:
  std::filesystem::path path_;
  int fd_ = -1;
  int error_ = 0;
};

/// Whether a file or folder of this name is one, of any process.
bool is_temporary_name(std::string_view name);

}  // namespace pangu
