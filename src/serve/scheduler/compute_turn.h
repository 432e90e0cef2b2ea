// SPDX-License-Identifier: Apache-2.0
// Models of one process compute one after another: each has threads for the whole machine, and two
// at once would only wait for each other's.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace pangu::serve {

/// A lock whose holders come in the order in which they asked.
class ComputeTurn {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    const std::uint64_t ticket = next_++;
    changed_.wait(guard, [&] { return ticket == serving_; });
  }
  void unlock() {
    {
      const std::lock_guard guard(mutex_);
      ++serving_;
    }
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t next_ = 0, serving_ = 0;
};

}  // namespace pangu::serve
