// SPDX-License-Identifier: Apache-2.0
#include "eval/test_pool.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <optional>
#include <set>

#include "base/resources.h"
#include "eval/eval.h"
#include "tests/support/support.h"

namespace pangu::eval {
namespace {

class TestPoolTest : public testing::Test {
 protected:
  void SetUp() override {
    namespace fs = std::filesystem;
    row_.tests = {"assert f() == 1"};
    fs::permissions(scratch_.path(), fs::perms(0777));
    const auto bwrap = scratch_ / "bwrap";
    test::write_file(bwrap, "#!/bin/sh\n[ -e " + (scratch_ / "full").string() +
                                " ] && { echo 'bwrap: no room' >&2; exit 1; }\n"
                                "exec /usr/bin/bwrap \"$@\"\n");
    fs::permissions(bwrap, fs::perms(0755));
    try {
      sandbox_ = Sandbox::open({.bwrap = bwrap});
    } catch (const Unsupported& error) {
      GTEST_SKIP() << error.what();
    }
  }
  void fill_the_machine() { test::write_file(scratch_ / "full", ""); }

  static std::size_t threads() {
    namespace fs = std::filesystem;
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator()));
  }

  test::ScratchDir scratch_;
  std::optional<Sandbox> sandbox_;
  CodeRow row_;
  const SandboxLimits limits_{.cpu_s = 5, .wall_s = 20};
};

TEST_F(TestPoolTest, FewThreadsTestWhateverWaits) {
  const std::size_t before = threads();
  TestPool pool(*sandbox_, limits_, 2, {});
  for (int i = 0; i < 12; ++i) pool.submit(row_, {"def f(): return " + std::to_string(i % 2)});
  EXPECT_LE(threads(), before + 2);
  std::set<std::size_t> numbers;
  for (auto done = pool.take(true); !done.empty(); done = pool.take(true)) {
    for (const TestPool::Done& one : done) {
      EXPECT_TRUE(numbers.insert(one.number).second);
      EXPECT_EQ(one.verdict.passed, one.number % 2 == 1);
    }
  }
  EXPECT_EQ(numbers.size(), 12u);
}

TEST_F(TestPoolTest, CancellingEndsWhatRunsAndWhatWaits) {
  std::stop_source stop;
  TestPool pool(*sandbox_, limits_, 1, stop.get_token());
  for (int i = 0; i < 3; ++i) pool.submit(row_, {"import time\ntime.sleep(1000)"});
  stop.request_stop();
  std::size_t n = 0;
  for (auto done = pool.take(true); !done.empty(); done = pool.take(true)) {
    n += done.size();
    for (const auto& one : done) EXPECT_EQ(one.verdict.run.end, SandboxRun::End::kCancelled);
  }
  EXPECT_EQ(n, 3u);
}

TEST_F(TestPoolTest, ItsEndEndsWhatRuns) {
  const Stopwatch watch;
  {
    TestPool pool(*sandbox_, limits_, 2, {});
    for (int i = 0; i < 3; ++i) pool.submit(row_, {"import time\ntime.sleep(1000)"});
  }
  EXPECT_LT(watch.seconds(), limits_.wall_s / 2);
}

TEST_F(TestPoolTest, TroubleOfTheSandboxIsThrownAndNeverAScore) {
  fill_the_machine();
  TestPool pool(*sandbox_, limits_, 2, {});
  for (int i = 0; i < 5; ++i) pool.submit(row_, {"def f(): return 1"});
  PANGU_EXPECT_ERROR(while (!pool.take(true).empty()){}, FileError, "could not be run", "no room");
  EvalOptions options;
  options.task = Task::kCode;
  EvalData data;
  data.rows = std::vector<CodeRow>(3, row_);
  PANGU_EXPECT_ERROR(check_references(options, data, *sandbox_), FileError, "no room");
}

}  // namespace
}  // namespace pangu::eval
