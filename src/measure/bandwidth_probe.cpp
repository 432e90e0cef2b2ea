// SPDX-License-Identifier: Apache-2.0
#include "measure/bandwidth_probe.h"

#include <algorithm>
#include <vector>

#include "base/processor_caches.h"
#include "base/resources.h"

namespace pangu {
namespace {

constexpr std::size_t kSmallestBlock = std::size_t{512} << 20;

}  // namespace

double BandwidthProbe::measure() {
  if (!block_) {
    block_ = allocate_buffer(ctx_.shared_device(), size());
    fill();
  }
  return ctx_.device().read_bandwidth(*block_, ctx_.executor());
}

std::int64_t BandwidthProbe::block_bytes() const {
  return block_ ? static_cast<std::int64_t>(block_->bytes()) : 0;
}

std::size_t BandwidthProbe::size() const {
  if (wanted_ > 0) return static_cast<std::size_t>(wanted_);
  const auto beyond_caches = static_cast<std::size_t>(2 * largest_cache_bytes());
  return std::min(std::max(kSmallestBlock, beyond_caches),
                  static_cast<std::size_t>(total_memory_bytes()) / 8);
}

/// Every page must be there, none may be the shared zero page, and each lies near to the threads
/// that will read it.
void BandwidthProbe::fill() {
  const std::vector<std::byte> ones(std::size_t{1} << 20, std::byte{1});
  const std::size_t step = ones.size(), size = block_->bytes();
  const auto steps = static_cast<std::int64_t>((size + step - 1) / step);
  ctx_.threads().parallel_for_at_home(steps, 1, [&](std::int64_t begin, std::int64_t) {
    const std::size_t at = static_cast<std::size_t>(begin) * step;
    ctx_.device().copy_from_host(block_->address() + at, ones.data(), std::min(step, size - at));
  });
}

}  // namespace pangu
