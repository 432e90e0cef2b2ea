// SPDX-License-Identifier: Apache-2.0
// What this process and machine use and have: wall time, resident memory, total memory.
#pragma once

#include <chrono>
#include <cstdint>

namespace pangu {

/// Seconds since construction or the last restart, on a clock that never goes back.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  void restart() { start_ = std::chrono::steady_clock::now(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// Largest resident set of this process so far, in bytes.
int64_t peak_rss_bytes();

/// Resident set of this process now, in bytes; 0 where the system does not say.
int64_t resident_bytes();

/// Memory this process may use, in bytes: the machine's, or the limit of its container (control
/// group) or of the process (ulimit -v, -d) if lower.
int64_t total_memory_bytes();

/// Gives memory that was freed, but which the allocator keeps for later, back to the system. Worth
/// calling between a phase of many small allocations and a long one without. Nothing without glibc.
void release_free_memory();

}  // namespace pangu
