// SPDX-License-Identifier: Apache-2.0
// Programs that are tested while others are written: a few threads, and a list of what waits.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "eval/code_tests.h"

namespace pangu::eval {

class TestPool {
 public:
  /// At most `jobs` programs (1 or more) run at once. `cancel` ends them, and what waits.
  TestPool(const Sandbox& sandbox, const SandboxLimits& limits, int jobs, std::stop_token cancel);
  /// Ends the programs that run.
  ~TestPool();
  TestPool(const TestPool&) = delete;
  TestPool& operator=(const TestPool&) = delete;

  /// Code to be tested as run_tests() does; `row` must outlive the pool. Where the system has no
  /// thread left, those that run do the work, with a warning.
  /// Throws FileError if not even one thread can be started.
  void submit(const CodeRow& row, std::vector<std::string> candidates);

  struct Done {
    std::size_t number = 0;  ///< counts what was submitted, from 0
    CodeVerdict verdict;
  };
  /// The verdicts that came since the last call; with `wait`, one or more, unless none is to come.
  /// Throws what a test threw, such as trouble of the sandbox; nothing more is tested then.
  std::vector<Done> take(bool wait);

 private:
  struct Waiting {
    std::size_t number;
    const CodeRow* row;
    std::vector<std::string> candidates;
  };
  void start_thread();
  void work();
  CodeVerdict test(const Waiting& waiting) const;

  const Sandbox& sandbox_;
  SandboxLimits limits_;
  std::size_t most_threads_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> on_cancel_;

  std::mutex mutex_;
  std::condition_variable wake_;   ///< there is work, or the end
  std::condition_variable ready_;  ///< there is a verdict
  bool closing_ = false;
  std::size_t n_submitted_ = 0;
  std::size_t n_pending_ = 0;  ///< submitted and without a verdict
  std::size_t n_idle_ = 0;     ///< threads that wait for work
  std::deque<Waiting> waiting_;
  std::vector<Done> done_;
  std::exception_ptr error_;
  std::vector<std::jthread> threads_;
};

}  // namespace pangu::eval
