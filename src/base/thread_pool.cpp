// SPDX-License-Identifier: Apache-2.0
#include "base/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <system_error>

#include "base/error.h"
#include "base/log.h"

namespace pangu {
namespace {

// About 50 microseconds: longer than the gaps between the kernels of a forward pass, short enough
// not to burn a core while a user reads.
constexpr int kSpins = 2000;

thread_local bool inside_loop = false;

void cpu_relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb");  // YIELD does nothing on most processors; this takes as long as PAUSE
#else
  std::this_thread::yield();
#endif
}

std::uint32_t job_of(std::uint64_t state) {
  return static_cast<std::uint32_t>(state >> 32);
}

}  // namespace

ThreadPool::ThreadPool(int n_threads, const std::vector<MemoryNode>& nodes) : slices_(0) {
  if (n_threads < 1 || n_threads > 1024) {
    fail<ConfigError>("[threads] {} threads were asked for; give a number from 1 to 1024.",
                      n_threads);
  }
  try {
    start_workers(n_threads - 1);
    // Workers look at the slices once there is a job.
    slices_ = std::vector<Slice>(workers_.size() + 1);
    spread_over(nodes);
  } catch (...) {
    stop_workers();  // they would wait for jobs for ever, and their join for them
    throw;
  }
}

ThreadPool::~ThreadPool() {
  stop_workers();
}

void ThreadPool::start_workers(int n) {
  workers_.reserve(static_cast<std::size_t>(n));
  try {
    for (int i = 1; i <= n; ++i) workers_.emplace_back([this, i] { worker(i); });
  } catch (const std::system_error& error) {
    log::warning(
        "[threads] the system started {} of {} threads ({}). Fewer work, more slowly; is "
        "there a limit of processes or memory (ulimit -u, ulimit -v, the container)?",
        workers_.size() + 1, n + 1, error.code().message());
  }
}

void ThreadPool::stop_workers() {
  stop_ = true;
  wake_.fetch_add(1);
  wake_.notify_all();
}

void ThreadPool::spread_over(const std::vector<MemoryNode>& nodes) {
  blocks_ = {{.first = 0, .count = size(), .processors = {}}};
  const bool has_cores = std::ranges::any_of(nodes, [](const auto& n) { return n.cores > 0; });
  if (nodes.size() < 2 || !has_cores) return;
  const std::vector<int> counts = threads_of_nodes(nodes, size());
  if (*std::ranges::max_element(counts) == size()) return;  // all on one
  blocks_.clear();
  for (std::size_t node = 0, first = 0; node < nodes.size(); ++node) {
    if (counts[node] == 0) continue;
    const auto count = static_cast<std::size_t>(counts[node]);
    for (std::size_t t = first; t < first + count; ++t) {
      slices_[t].block = blocks_.size();
      if (t == 0 || bind_thread(workers_[t - 1].native_handle(), nodes[node].processors)) continue;
      log::info("[threads] a thread could not be bound to the processors of memory node {}.",
                nodes[node].number);
    }
    blocks_.push_back({static_cast<int>(first), counts[node], nodes[node].processors});
    first += count;
  }
  caller_ = std::make_unique<CallerBinding>(blocks_.front().processors);
}

void ThreadPool::parallel_for(int64_t n, int64_t grain, RangeFn body) {
  run(n, grain, body, false);
}

void ThreadPool::parallel_for_at_home(int64_t n, int64_t grain, RangeFn body) {
  run(n, grain, body, nodes() > 1);
}

int64_t ThreadPool::slice_begin(int thread, int64_t n, int64_t grain) const {
  const int64_t grains = (n + grain - 1) / grain;
  return std::min(n, grains * thread / size() * grain);
}

std::vector<int64_t> ThreadPool::node_bounds(int64_t n, int64_t grain) const {
  std::vector<int64_t> bounds;
  for (const Block& block : blocks_) {
    if (block.first > 0) bounds.push_back(slice_begin(block.first, n, std::max<int64_t>(grain, 1)));
  }
  return bounds;
}

void ThreadPool::run(int64_t n, int64_t grain, RangeFn body, bool at_home) {
  if (n <= 0) return;
  grain = std::max<int64_t>(grain, 1);
  if (inside_loop || workers_.empty() || n <= grain) {
    for (int64_t begin = 0; begin < n; begin += grain) body(begin, std::min(begin + grain, n));
    return;
  }

  // Slices end on multiples of the grain, so that a range never straddles two of them.
  for (int t = 0; t < size(); ++t) {
    Slice& slice = slices_[static_cast<std::size_t>(t)];
    slice.next.store(slice_begin(t, n, grain), std::memory_order_relaxed);
    slice.end = slice_begin(t + 1, n, grain);
  }
  body_ = &body;
  grain_ = grain;
  at_home_ = at_home;
  if (caller_) caller_->bind_caller();
  failed_.store(false, std::memory_order_relaxed);

  const std::uint64_t job = (state_.load(std::memory_order_relaxed) >> 32) + 1;
  state_.store(job << 32 | kOpen);  // sequentially consistent: pairs with the sleepers' check
  if (sleepers_.load() > 0) {
    wake_.fetch_add(1);
    wake_.notify_all();
  }

  work(0);
  if (at_home) wait_for_claims();
  state_.fetch_and(~kOpen);
  wait_for_workers();
  if (failed_.load(std::memory_order_relaxed)) std::rethrow_exception(std::move(error_));
}

void ThreadPool::work(int index) {
  inside_loop = true;
  const Block& home = blocks_[slices_[static_cast<std::size_t>(index)].block];
  for (int i = 0; i < home.count; ++i) {
    const int thread = home.first + (index - home.first + i) % home.count;
    work_on(slices_[static_cast<std::size_t>(thread)]);
  }
  for (int i = home.count; i < size() && !at_home_; ++i) {
    work_on(slices_[static_cast<std::size_t>((home.first + i) % size())]);
  }
  inside_loop = false;
}

void ThreadPool::work_on(Slice& slice) {
  for (;;) {
    const int64_t begin = slice.next.fetch_add(grain_, std::memory_order_relaxed);
    if (begin >= slice.end || failed_.load(std::memory_order_relaxed)) break;
    try {
      (*body_)(begin, std::min(begin + grain_, slice.end));
    } catch (...) {
      const std::lock_guard lock(error_mutex_);
      if (!failed_.load(std::memory_order_relaxed)) error_ = std::current_exception();
      failed_.store(true, std::memory_order_relaxed);
    }
  }
}

bool ThreadPool::is_claimed() const {
  return failed_.load(std::memory_order_relaxed) ||
         std::ranges::all_of(slices_, [](const Slice& slice) {
           return slice.next.load(std::memory_order_relaxed) >= slice.end;
         });
}

void ThreadPool::wait_for_claims() const {
  // Others may need this thread's processor before they can begin.
  while (!is_claimed()) std::this_thread::sleep_for(std::chrono::microseconds(50));
}

bool ThreadPool::try_enter(std::uint32_t& seen) {
  std::uint64_t state = state_.load(std::memory_order_acquire);
  while (job_of(state) != seen && (state & kOpen)) {
    if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel)) {
      seen = job_of(state);
      return true;
    }
  }
  return false;
}

void ThreadPool::wait_for_job(std::uint32_t seen) {
  const auto job_waits = [&] {
    const std::uint64_t state = state_.load();
    return (job_of(state) != seen && (state & kOpen)) || stop_.load();
  };
  for (int i = 0; i < kSpins; ++i) {
    if (job_waits()) return;
    cpu_relax();
  }
  const std::uint32_t ticket = wake_.load();
  sleepers_.fetch_add(1);
  if (!job_waits()) wake_.wait(ticket);
  sleepers_.fetch_sub(1);
}

void ThreadPool::leave() {
  // Sequentially consistent: pairs with the caller's check after it said that it sleeps.
  const bool last = (state_.fetch_sub(1) & (kOpen - 1)) == 1;
  if (last && caller_sleeps_.load()) {
    all_left_.fetch_add(1);
    all_left_.notify_one();
  }
}

void ThreadPool::wait_for_workers() {
  const auto all_left = [&] { return (state_.load() & (kOpen - 1)) == 0; };
  for (int i = 0; i < kSpins; ++i) {
    if (all_left()) return;
    cpu_relax();
  }
  caller_sleeps_ = true;
  for (;;) {
    const std::uint32_t ticket = all_left_.load();
    if (all_left()) break;
    all_left_.wait(ticket);
  }
  caller_sleeps_ = false;
}

void ThreadPool::worker(int index) {
  std::uint32_t seen = 0;
  while (!stop_.load(std::memory_order_relaxed)) {
    if (try_enter(seen)) {
      work(index);
      leave();
    } else {
      wait_for_job(seen);
    }
  }
}

}  // namespace pangu
