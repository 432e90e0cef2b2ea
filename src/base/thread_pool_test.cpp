// SPDX-License-Identifier: Apache-2.0
#include "base/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

TEST(ThreadPool, CoversEveryItemOnceForAnySizeGrainAndThreadCount) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    for (const int64_t n : {0, 1, 2, 63, 64, 65, 1000}) {
      for (const int64_t grain : {1, 2, 7, 64, 5000}) {
        std::vector<int> hits(static_cast<std::size_t>(n), 0);
        pool.parallel_for(n, grain, [&](int64_t begin, int64_t end) {
          EXPECT_LE(end - begin, grain);
          for (int64_t i = begin; i < end; ++i) ++hits[static_cast<std::size_t>(i)];
        });
        for (const int hit : hits) ASSERT_EQ(hit, 1) << threads << " " << n << " " << grain;
      }
    }
  }
}

TEST(ThreadPool, WorksWithTheThreadsThatTheSystemStarts) {
  if (test::kSanitized) GTEST_SKIP() << "sanitizers need all of the address space";
  PANGU_NEEDS_NO_EMULATOR("limits of memory do not hold");
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(20);  // where the constructor waits for ever
    std::ifstream statm("/proc/self/statm");
    rlim_t pages = 0;
    statm >> pages;
    const rlim_t most = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (rlim_t{40} << 20);
    const rlimit limit{.rlim_cur = most, .rlim_max = most};
    ::setrlimit(RLIMIT_AS, &limit);
    ThreadPool pool(64);
    std::atomic<int64_t> sum{0};
    for (int job = 0; job < 100; ++job) {
      pool.parallel_for(64, 1, [&](int64_t begin, int64_t) { sum += begin; });
    }
    ::_exit(pool.size() < 64 && sum == 100 * 63 * 32 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(ThreadPool, ManyShortJobsAndPausesLoseNothing) {
  ThreadPool pool(4);
  std::atomic<int64_t> sum{0};
  for (int job = 0; job < 20000; ++job) {
    pool.parallel_for(8, 1, [&](int64_t begin, int64_t) { sum += begin; });
    if (job % 5000 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(sum.load(), 20000 * 28);
}

TEST(ThreadPool, WorkersReallyTakePart) {
  ThreadPool pool(2);
  std::atomic<int> waiting{0};
  // Both halves must be inside at once for either to finish.
  pool.parallel_for(2, 1, [&](int64_t, int64_t) {
    ++waiting;
    while (waiting.load() < 2) std::this_thread::yield();
  });
  EXPECT_EQ(waiting.load(), 2);
}

TEST(ThreadPool, TheCallerGivesUpItsCoreWhileAWorkerIsLate) {
  ThreadPool pool(2);
  const auto caller = std::this_thread::get_id();
  std::atomic<int> waiting{0};
  const auto used = [] {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  };
  double before = 0.0;
  pool.parallel_for(2, 1, [&](int64_t, int64_t) {
    ++waiting;
    while (waiting.load() < 2) std::this_thread::yield();
    if (std::this_thread::get_id() == caller) {
      before = used();
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
    }
  });
  EXPECT_LT(used() - before, 0.2) << "the caller's processor time while the worker slept";
}

TEST(ThreadPool, RethrowsAndGoesOn) {
  ThreadPool pool(3);
  for (int round = 0; round < 100; ++round) {
    EXPECT_THROW(pool.parallel_for(100, 1,
                                   [](int64_t begin, int64_t) {
                                     if (begin == 57) throw std::runtime_error("57");
                                   }),
                 std::runtime_error);
    std::atomic<int> count{0};
    pool.parallel_for(10, 1, [&](int64_t, int64_t) { ++count; });
    ASSERT_EQ(count.load(), 10);
  }
}

TEST(ThreadPool, NestedLoopsRunInline) {
  ThreadPool pool(2);
  std::atomic<int> count{0};
  pool.parallel_for(4, 1, [&](int64_t, int64_t) {
    pool.parallel_for(10, 3, [&](int64_t begin, int64_t end) { count += int(end - begin); });
  });
  EXPECT_EQ(count.load(), 40);
}

TEST(ThreadPool, RefusesAbsurdThreadCounts) {
  EXPECT_THROW(ThreadPool(0), ConfigError);
  EXPECT_THROW(ThreadPool(100000), ConfigError);
}

}  // namespace
}  // namespace pangu
