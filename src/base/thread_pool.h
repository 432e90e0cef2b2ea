// SPDX-License-Identifier: Apache-2.0
// A thread pool for kernels: jobs of microseconds, one after the other, on one thread a core.
//
// The idea: a job is split into one slice per thread, so that a thread meets the same part of a
// matrix every time; a thread that is done helps the others, so that a core slowed by a neighbour
// does not hold up the rest. Workers spin for a short while after a job, because the next one
// usually follows within microseconds, and then sleep. The caller never waits for a worker that
// has not woken up in time: it does the work itself. A worker that has lost its core in the middle
// of a range must be waited for; the caller then gives up its own core soon, for the system to
// let the worker go on there.
//
// Where memory has several nodes (memory_nodes.h), each thread stays on the processors of one, and
// helps the others of its own node first: what was first written by the threads of a node
// (parallel_for_at_home) lies in its memory and is read there.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/cache_line.h"
#include "base/memory_nodes.h"
#include "base/thread_binding.h"

namespace pangu {

/// A borrowed `void(int64_t begin, int64_t end)`; valid while the callable it was made from lives.
class RangeFn {
 public:
  template <class F>
  RangeFn(const F& f)  // NOLINT(google-explicit-constructor): made at the call
      : object_(&f), call_([](const void* object, int64_t begin, int64_t end) {
          (*static_cast<const F*>(object))(begin, end);
        }) {}
  void operator()(int64_t begin, int64_t end) const { call_(object_, begin, end); }

 private:
  const void* object_;
  void (*call_)(const void*, int64_t, int64_t);
};

/// Runs loops on a fixed set of threads. One caller at a time; a loop started from inside a loop
/// runs on the calling thread. Which thread runs which part is not fixed, so a body must write
/// only to what belongs to its own range.
class ThreadPool {
 public:
  /// `n_threads` counts the calling thread; throws ConfigError unless it is in 1..1024. Where the
  /// system starts no more threads (limits of processes or memory), the pool has those it got, and
  /// a warning is logged.
  ///
  /// Threads are spread over `nodes` in blocks (threads_of_nodes). If more than one gets some, each
  /// is bound to the processors of its node, the thread that calls parallel_for included, which is
  /// free again when the pool is destroyed by it. Otherwise no thread is bound.
  explicit ThreadPool(int n_threads, const std::vector<MemoryNode>& nodes = {});
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const { return static_cast<int>(slices_.size()); }
  /// How many nodes its threads are bound to; 1 if they are not bound.
  int nodes() const { return static_cast<int>(blocks_.size()); }

  /// Calls `body(begin, end)` for disjoint ranges that cover [0, n), each of at most `grain`
  /// items. Returns when all are done; an exception thrown by a body is rethrown here, after the
  /// loop has stopped.
  void parallel_for(int64_t n, int64_t grain, RangeFn body);

  /// The same, but threads help within their node only: of the same n and grain, each node works on
  /// the same part every time. For the first writing of memory that parallel_for then reads. May
  /// take longer.
  void parallel_for_at_home(int64_t n, int64_t grain, RangeFn body);

  /// Where, of [0, n), the part of each node but the first begins.
  std::vector<int64_t> node_bounds(int64_t n, int64_t grain) const;

 private:
  struct alignas(kCacheLine) Slice {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
    std::size_t block = 0;  ///< that its thread belongs to
  };
  /// The threads of a node.
  struct Block {
    int first = 0, count = 0;
    std::vector<int> processors;  ///< none: anywhere
  };

  void start_workers(int n);
  void spread_over(const std::vector<MemoryNode>& nodes);
  int64_t slice_begin(int thread, int64_t n, int64_t grain) const;
  void run(int64_t n, int64_t grain, RangeFn body, bool at_home);
  void stop_workers();
  void worker(int index);
  void work(int index);
  void work_on(Slice& slice);
  bool is_claimed() const;
  void wait_for_claims() const;
  bool try_enter(std::uint32_t& seen);
  void wait_for_job(std::uint32_t seen);
  void leave();
  void wait_for_workers();

  // Job number in the upper half; open flag and number of workers inside in the lower.
  static constexpr std::uint64_t kOpen = 1u << 16;
  alignas(kCacheLine) std::atomic<std::uint64_t> state_{0};
  alignas(kCacheLine) std::atomic<std::uint32_t> wake_{0};
  std::atomic<int> sleepers_{0};
  std::atomic<std::uint32_t> all_left_{0};
  std::atomic<bool> caller_sleeps_{false};
  std::atomic<bool> stop_{false};
  std::atomic<bool> failed_{false};

  const RangeFn* body_ = nullptr;
  int64_t grain_ = 1;
  bool at_home_ = false;
  std::vector<Block> blocks_;
  std::unique_ptr<CallerBinding> caller_;  ///< null unless threads are bound
  std::vector<Slice> slices_;
  std::mutex error_mutex_;
  std::exception_ptr error_;
  std::vector<std::jthread> workers_;
};

}  // namespace pangu
