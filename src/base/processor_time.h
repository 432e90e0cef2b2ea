// SPDX-License-Identifier: Apache-2.0
// Where the time of the processors went while something was measured: to this process, to others,
// or to other machines on the same hardware.
#pragma once

#include <iosfwd>
#include <optional>

#include "base/resources.h"

namespace pangu {

/// Time of all processors together since the system began, in the system's ticks.
struct ProcessorTime {
  double busy = 0;   ///< running a process or the system
  double steal = 0;  ///< wanted to run, but the hypervisor ran something else
  double total = 0;  ///< those two, and idle
};

/// The line "cpu" of /proc/stat; nothing if there is none.
std::optional<ProcessorTime> read_processor_time(std::istream& stat);

/// Shares of the time of all processors, each from 0 to 1.
struct OtherLoad {
  double steal = 0;   ///< taken by the hypervisor
  double others = 0;  ///< taken by other processes of this system
};

/// What lies between two readings, of which this process used `own_s` seconds at `ticks_per_s`.
OtherLoad other_load(const ProcessorTime& before, const ProcessorTime& after, double own_s,
                     double ticks_per_s);

/// Asks the system, from construction on.
class OtherLoadMeter {
 public:
  OtherLoadMeter();
  /// Since construction; nothing where the system does not tell, or less than half a
  /// second has passed: it counts in ticks of a hundredth.
  std::optional<OtherLoad> load() const;

 private:
  Stopwatch watch_;
  std::optional<ProcessorTime> start_;
  double own_start_s_;
};

}  // namespace pangu
