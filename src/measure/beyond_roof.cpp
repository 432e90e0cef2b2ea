// SPDX-License-Identifier: Apache-2.0
#include "measure/beyond_roof.h"

namespace pangu {

BeyondRoof beyond_roof(double rate, double share, const Spread& probes, bool in_caches) {
  // Measurements of a machine that does nothing else differ by less.
  constexpr double kSteady = 1.1;
  if (share <= 1) return BeyondRoof::kNo;
  if (in_caches) return BeyondRoof::kCached;
  const bool reached_once = rate <= probes.max;
  const bool wavers = probes.max > kSteady * probes.min;
  return reached_once || wavers ? BeyondRoof::kBusy : BeyondRoof::kWeakProbe;
}

}  // namespace pangu
