// SPDX-License-Identifier: Apache-2.0
// What a device must offer to hold tensors. Kernels for it live in layer `kernels`.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace pangu {

enum class DeviceKind { kCpu };

/// "cpu".
std::string_view name(DeviceKind kind);

/// A place where tensors live. Thread-safe; outlives every buffer made from it (buffers share
/// ownership).
class Device {
 public:
  virtual ~Device() = default;

  virtual DeviceKind kind() const = 0;
  /// Model name and facts in one line, for `pangu info` and logs.
  virtual std::string description() const = 0;

  /// `bytes` of zeroed memory aligned to at least 64 bytes; large blocks sit in huge pages where
  /// the system has them. Throws OutOfMemory with the size asked for and what there is.
  virtual void* allocate(std::size_t bytes) = 0;
  virtual void deallocate(void* data, std::size_t bytes) noexcept = 0;

  virtual void copy_from_host(void* to, const void* from, std::size_t bytes) = 0;
  virtual void copy_to_host(void* to, const void* from, std::size_t bytes) = 0;
};

}  // namespace pangu
