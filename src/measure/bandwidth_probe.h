// SPDX-License-Identifier: Apache-2.0
// How fast memory is read at best, beside a measurement.
#pragma once

#include <cstdint>
#include <memory>

#include "ops/context.h"

namespace pangu {

/// A block of memory larger than the caches, made when it is first read.
class BandwidthProbe {
 public:
  /// `block_bytes` 0: what caches hold half of at most (those of servers hold hundreds of MiB), but
  /// no more than an eighth of the memory.
  explicit BandwidthProbe(Context& ctx, std::int64_t block_bytes = 0)
      : ctx_(ctx), wanted_(block_bytes) {}

  /// Bytes per second. Throws OutOfMemory.
  double measure();
  /// Of the block; 0 before the first measurement.
  std::int64_t block_bytes() const;

 private:
  std::size_t size() const;
  void fill();

  Context& ctx_;
  std::int64_t wanted_;
  std::shared_ptr<Buffer> block_;
};

}  // namespace pangu
