// SPDX-License-Identifier: Apache-2.0
#include "base/file_advice.h"

#include <cerrno>

namespace pangu {

std::string_view file_advice(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "Free space or choose another disk.";
    case EFBIG:
      return "Raise the limit of file sizes (ulimit -f), or choose a file system for larger files.";
    case EFAULT:
      return "A file that it is made from shrank meanwhile; restore it.";
    case EMFILE:
      return "Raise the limit of open files (ulimit -n).";
    case ENFILE:
      return "The system has too many open files; close other programs.";
    case ENOMEM:
      return "Close other programs, or raise the limit of memory (ulimit -v, the container).";
    case EIO:
      return "Check the disk (dmesg tells what it reported).";
    case EROFS:
      return "The file system is mounted read-only; choose another place.";
    default:
      return "Check the path and permissions.";
  }
}

bool is_out_of_room(int error) {
  return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

}  // namespace pangu
