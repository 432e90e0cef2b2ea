// SPDX-License-Identifier: Apache-2.0
#include "measure/beyond_roof.h"

#include <fmt/format.h>

#include "report/units.h"

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

std::optional<std::string> cached_roof_remark(std::int64_t block_bytes, std::int64_t cache_bytes) {
  if (block_bytes == 0 || block_bytes >= 2 * cache_bytes) return std::nullopt;
  return fmt::format(
      "the read bandwidth was measured on {}, for which there was memory, and caches hold {}: it "
      "may be too high, and the share of decode too small.",
      bytes_text(block_bytes), bytes_text(cache_bytes));
}

}  // namespace pangu
