// SPDX-License-Identifier: Apache-2.0
#include "base/thread_pool.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <fstream>
#include <iterator>
#include <mutex>
#include <numeric>
#include <set>
#include <stdexcept>
#include <vector>

#include "base/allowed_processors.h"
#include "base/cpu.h"
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

/// Two nodes of which this machine may have no processors: the pool goes on unbound.
std::vector<MemoryNode> two_nodes(int cores) {
  return {{.number = 0, .processors = {0}, .cores = cores},
          {.number = 1, .processors = {1}, .cores = cores}};
}

TEST(ThreadPool, CoversEveryItemOnceOnSeveralNodes) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads, two_nodes(4));
    EXPECT_EQ(pool.nodes(), threads > 1 ? 2 : 1);
    for (const int64_t n : {1, 2, 63, 64, 1000}) {
      for (const int64_t grain : {1, 7, 5000}) {
        std::vector<std::atomic<int>> hits(static_cast<std::size_t>(n));
        const auto hit = [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) ++hits[static_cast<std::size_t>(i)];
        };
        pool.parallel_for(n, grain, hit);
        pool.parallel_for_at_home(n, grain, hit);
        for (const auto& hit_count : hits) ASSERT_EQ(hit_count.load(), 2) << threads << " " << n;
      }
    }
  }
}

TEST(ThreadPool, AtHomeEachNodeDoesItsPartHoweverSlowItIs) {
  ThreadPool pool(4, two_nodes(2));
  const auto caller = std::this_thread::get_id();
  EXPECT_EQ(pool.node_bounds(100, 1), std::vector<int64_t>{50});
  for (int round = 0; round < 20; ++round) {
    std::vector<std::thread::id> by(100);
    pool.parallel_for_at_home(100, 1, [&](int64_t begin, int64_t) {
      by[static_cast<std::size_t>(begin)] = std::this_thread::get_id();
      // Those of the second node are late.
      if (begin >= 50) std::this_thread::sleep_for(std::chrono::microseconds(100));
    });
    const std::set<std::thread::id> first(by.begin(), by.begin() + 50);
    for (std::size_t i = 50; i < 100; ++i) {
      ASSERT_FALSE(first.contains(by[i])) << i;
      ASSERT_NE(by[i], caller);
    }
  }
}

TEST(ThreadPool, HelpsItsOwnNodeFirst) {
  ThreadPool pool(4, two_nodes(2));
  std::mutex mutex;
  std::thread::id last;  // the thread whose slice begins with item 30
  std::vector<int64_t> order;
  std::atomic<bool> is_done{false};
  pool.parallel_for(40, 1, [&](int64_t begin, int64_t) {
    {
      const std::lock_guard lock(mutex);
      if (begin == 30) last = std::this_thread::get_id();
      if (std::this_thread::get_id() == last) {
        order.push_back(begin);
        if (order.size() >= 37) is_done = true;  // each of the others may hold one item
        return;
      }
    }
    while (!is_done) std::this_thread::yield();
  });
  const auto slice = [](int64_t item) { return item / 10; };
  std::vector<int64_t> slices;
  std::ranges::transform(order, std::back_inserter(slices), slice);
  slices.erase(std::unique(slices.begin(), slices.end()), slices.end());
  slices.resize(3);
  EXPECT_EQ(slices, (std::vector<int64_t>{3, 2, 0}))
      << "its own, its neighbour's, the other node's";
}

TEST(ThreadPool, ThreadsStayOnTheProcessorsOfTheirNode) {
  PANGU_NEEDS_NO_EMULATOR("threads cannot be bound");
  if (allowed_processors() != std::vector<int>{0, 1}) GTEST_SKIP() << "made for processors 0, 1";
  const auto where = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    pthread_getaffinity_np(pthread_self(), sizeof(set), &set);
    return std::pair(CPU_ISSET(0, &set) != 0, CPU_ISSET(1, &set) != 0);
  };
  const int threads_before = default_threads();
  {
    ThreadPool pool(2, two_nodes(1));
    std::atomic<int> wrong{0};
    const auto caller = std::this_thread::get_id();
    for (int i = 0; i < 100; ++i) {
      pool.parallel_for(8, 1, [&](int64_t, int64_t) {
        const bool is_caller = std::this_thread::get_id() == caller;
        if (where() != std::pair(is_caller, !is_caller)) ++wrong;
      });
    }
    EXPECT_EQ(wrong.load(), 0);
    {
      ThreadPool another(2, two_nodes(1));
      another.parallel_for(8, 1, [](int64_t, int64_t) {});
    }
    EXPECT_EQ(default_threads(), threads_before) << "though this thread may use one processor";
    pool.parallel_for(8, 1, [](int64_t, int64_t) {});
    EXPECT_EQ(where(), std::pair(true, false));
  }
  EXPECT_EQ(where(), std::pair(true, true)) << "free again";
}

TEST(ThreadPool, OnOneNodeNoThreadIsBound) {
  const MemoryNode one{.number = 0, .processors = {0}, .cores = 4};
  const MemoryNode small{.number = 1, .processors = {1}, .cores = 0};
  for (const auto& nodes : {std::vector<MemoryNode>{}, {one}, {one, small}, {small, small}}) {
    ThreadPool pool(4, nodes);
    EXPECT_EQ(pool.nodes(), 1);
    EXPECT_TRUE(pool.node_bounds(100, 1).empty());
  }
}

TEST(ThreadPool, RethrowsFromLoopsAtHome) {
  ThreadPool pool(4, two_nodes(2));
  for (int round = 0; round < 100; ++round) {
    EXPECT_THROW(pool.parallel_for_at_home(100, 1,
                                           [](int64_t begin, int64_t) {
                                             if (begin == 57) throw std::runtime_error("57");
                                           }),
                 std::runtime_error);
  }
}

TEST(ThreadPool, RefusesAbsurdThreadCounts) {
  EXPECT_THROW(ThreadPool(0), ConfigError);
  EXPECT_THROW(ThreadPool(100000), ConfigError);
}

}  // namespace
}  // namespace pangu
