// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "serve/scheduler/deadline.h"

namespace pangu::serve {

/// Wakes a thread that waits for something to happen, wherever that is told: no other lock is taken
/// meanwhile.
class WakeUp {
 public:
  void call() {
    {
      const std::lock_guard lock(mutex_);
      called_ = true;
    }
    changed_.notify_all();
  }
  /// Waits for a call since the last wait, at most until then.
  void wait(std::optional<Clock::time_point> until) {
    std::unique_lock lock(mutex_);
    const auto is_called = [this] { return called_; };
    if (until) {
      changed_.wait_until(lock, *until, is_called);
    } else {
      changed_.wait(lock, is_called);
    }
    called_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool called_ = false;
};

}  // namespace pangu::serve
