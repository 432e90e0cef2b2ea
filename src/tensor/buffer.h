// SPDX-License-Identifier: Apache-2.0
// Device memory with shared ownership, and a pool that hands the same memory out again.
#pragma once

#include <cstddef>
#include <memory>

#include "tensor/memory.h"

namespace pangu {

/// A block of device memory; freed, or returned to its pool, with the last tensor that uses it.
class Buffer {
 public:
  Buffer(void* data, std::size_t bytes, Memory& memory)
      : data_(static_cast<std::byte*>(data)),
        bytes_(bytes),
        memory_(memory),
        is_host_(memory.is_host()) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  /// Where it begins in its memory: no pointer that the host may follow, unless is_host().
  std::byte* address() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  Memory& memory() const { return memory_; }
  bool is_host() const { return is_host_; }

 private:
  std::byte* data_;
  std::size_t bytes_;
  Memory& memory_;
  bool is_host_;
};

/// A zeroed buffer of its own, for weights and caches.
std::shared_ptr<Buffer> allocate_buffer(std::shared_ptr<Memory> memory, std::size_t bytes);

/// Memory for activations: a forward pass asks for the same sizes again and again, and fresh pages
/// would cost more than the kernels that fill them. Freed blocks are kept by size and reused, so
/// contents are not zeroed. One owner at a time; buffers may outlive the pool.
class BufferPool {
 public:
  explicit BufferPool(std::shared_ptr<Memory> memory);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  std::shared_ptr<Buffer> take(std::size_t bytes);
  /// Gives the memory of buffers that nobody holds back to the device.
  void trim();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pangu
