// SPDX-License-Identifier: Apache-2.0
#include "eval/test_pool.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/log.h"

namespace pangu::eval {

TestPool::TestPool(const Sandbox& sandbox, const SandboxLimits& limits, int jobs,
                   std::stop_token cancel)
    : sandbox_(sandbox),
      limits_(limits),
      most_threads_(static_cast<std::size_t>(std::max(jobs, 1))),
      on_cancel_(std::move(cancel), [this] { stop_.request_stop(); }) {}

TestPool::~TestPool() {
  stop_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
}

void TestPool::submit(const CodeRow& row, std::vector<std::string> candidates) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({n_submitted_++, &row, std::move(candidates)});
  ++n_pending_;
  if (n_idle_ < waiting_.size() && threads_.size() < most_threads_) start_thread();
  wake_.notify_one();
}

void TestPool::start_thread() {
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error& error) {
    if (threads_.empty()) {
      fail<FileError>(
          "[eval] no thread could be started to test programs ({}). Are there threads "
          "(ulimit -u, the container's limit) and memory left?",
          error.what());
    }
    log::warning("only {} programs are tested at a time: no more threads could be started ({}).",
                 threads_.size(), error.what());
    most_threads_ = threads_.size();
  }
}

CodeVerdict TestPool::test(const Waiting& waiting) const {
  if (stop_.stop_requested()) {
    CodeVerdict none;
    none.run.end = SandboxRun::End::kCancelled;
    return none;
  }
  return run_tests(sandbox_, *waiting.row, waiting.candidates, limits_, stop_.get_token());
}

void TestPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++n_idle_;
    wake_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
    --n_idle_;
    if (closing_) return;
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    Done done{.number = next.number, .verdict = {}};
    std::exception_ptr error;
    try {
      done.verdict = test(next);
    } catch (...) {
      error = std::current_exception();
      stop_.request_stop();
    }
    lock.lock();
    --n_pending_;
    if (error && !error_) error_ = error;
    if (!error) done_.push_back(std::move(done));
    ready_.notify_all();
  }
}

std::vector<TestPool::Done> TestPool::take(bool wait) {
  std::unique_lock lock(mutex_);
  if (wait) ready_.wait(lock, [this] { return error_ || !done_.empty() || n_pending_ == 0; });
  if (error_) std::rethrow_exception(error_);
  return std::exchange(done_, {});
}

}  // namespace pangu::eval
