// SPDX-License-Identifier: Apache-2.0
// Why something came out faster than the machine can be.
#pragma once

#include <optional>
#include <string>

#include <cstdint>

#include "measure/benchmark.h"

namespace pangu {

enum class BeyondRoof : std::uint8_t {
  kNo,        ///< it did not
  kCached,    ///< what was read lies in the processor's caches, which are faster than memory
  kBusy,      ///< the machine was slower while the roofline was measured than at other times
  kWeakProbe  ///< the roofline was steady all along: what measures it does not reach it
};

/// `rate` is what was done per second, `share` that of the roofline, `probes` every measurement of
/// the roofline in the same unit, and `in_caches` whether what is read fits into the caches (false
/// for arithmetic).
BeyondRoof beyond_roof(double rate, double share, const Spread& probes, bool in_caches);

/// What is to be said where caches may hold much of the block, of `block_bytes`, that the bandwidth
/// was measured on, as under a limit of memory: the roof is then too high. 0 cache_bytes: unknown.
std::optional<std::string> cached_roof_remark(std::int64_t block_bytes, std::int64_t cache_bytes);

}  // namespace pangu
