// SPDX-License-Identifier: Apache-2.0
#include "tensor/buffer.h"

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>
#include <vector>

namespace pangu {
namespace {

/// Eight sizes per power of two: at most an eighth is wasted, and chunk sizes that differ a little
/// share blocks.
std::size_t size_class(std::size_t bytes) {
  bytes = std::max<std::size_t>(bytes, 256);
  const std::size_t step = std::bit_floor(bytes) / 8;
  return (bytes + step - 1) / step * step;
}

}  // namespace

std::shared_ptr<Buffer> allocate_buffer(std::shared_ptr<Memory> memory, std::size_t bytes) {
  void* data = memory->allocate(bytes);
  auto* const made = new Buffer(data, bytes, *memory);
  return {made, [memory = std::move(memory)](Buffer* buffer) {
            memory->deallocate(buffer->address(), buffer->bytes());
            delete buffer;
          }};
}

struct BufferPool::State {
  std::shared_ptr<Memory> memory;
  std::mutex mutex;
  std::multimap<std::size_t, void*> free;
  bool closed = false;

  /// With the mutex held.
  void release() {
    for (const auto& [bytes, data] : free) memory->deallocate(data, bytes);
    free.clear();
  }

  void give_back(Buffer* buffer) {
    const std::lock_guard lock(mutex);
    if (closed) {
      memory->deallocate(buffer->address(), buffer->bytes());
    } else {
      free.emplace(buffer->bytes(), buffer->address());
    }
    delete buffer;
  }
};

BufferPool::BufferPool(std::shared_ptr<Memory> memory) : state_(std::make_shared<State>()) {
  state_->memory = std::move(memory);
}

BufferPool::~BufferPool() {
  const std::lock_guard lock(state_->mutex);
  state_->closed = true;
  state_->release();
}

void BufferPool::trim() {
  const std::lock_guard lock(state_->mutex);
  state_->release();
}

std::shared_ptr<Buffer> BufferPool::take(std::size_t bytes) {
  std::size_t size = size_class(bytes);
  void* data = nullptr;
  {
    const std::lock_guard lock(state_->mutex);
    // Up to twice the size will do: the last chunk of a prompt lives on the memory of the others.
    const auto found = state_->free.lower_bound(size);
    if (found != state_->free.end() && found->first <= 2 * size) {
      std::tie(size, data) = *found;
      state_->free.erase(found);
    }
  }
  if (!data) data = state_->memory->allocate(size);
  return {new Buffer(data, size, *state_->memory),
          [state = state_](Buffer* buffer) { state->give_back(buffer); }};
}

}  // namespace pangu
