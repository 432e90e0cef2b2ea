// SPDX-License-Identifier: Apache-2.0
// Where tensors live: the memory of a device, which the host may be unable to touch.
#pragma once

#include <cstddef>
#include <string_view>

namespace pangu {

/// Thread-safe; outlives every buffer made from it (buffers share ownership).
class Memory {
 public:
  virtual ~Memory() = default;

  /// Of its device: "cpu".
  virtual std::string_view name() const = 0;
  /// Whether the host may follow pointers into it. Where it may not, an address serves the device's
  /// own functions and the copies below alone.
  virtual bool is_host() const = 0;

  /// `bytes` of zeroed memory aligned to at least 64 bytes; large blocks sit in huge pages where
  /// the system has them. Throws OutOfMemory with the size asked for and what there is.
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void deallocate(void* data, std::size_t bytes) noexcept = 0;

  /// Of a block that allocate() gave, nothing of which was written yet: threads of different memory
  /// nodes will first write what lies before byte `at` and what lies behind. Pages there are small,
  /// so that few bytes on the wrong side go with them. Memory that has no nodes does nothing.
  virtual void split_pages(void* data, std::size_t bytes, std::size_t at) {
    static_cast<void>(data), static_cast<void>(bytes), static_cast<void>(at);
  }

  /// Ranges do not overlap; done when the function returns.
  virtual void copy_from_host(void* to, const void* from, std::size_t bytes) = 0;
  virtual void copy_to_host(void* to, const void* from, std::size_t bytes) = 0;
  virtual void copy_within(void* to, const void* from, std::size_t bytes) = 0;
  virtual void fill_zero(void* to, std::size_t bytes) = 0;
};

}  // namespace pangu
