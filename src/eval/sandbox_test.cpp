// SPDX-License-Identifier: Apache-2.0
// What hostile programs try, and that none of it works.
#include "eval/sandbox.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "eval/sandbox_filter.h"
#include "eval/sandbox_process.h"
#include "tests/support/support.h"

namespace pangu::eval {
namespace {

using End = SandboxRun::End;
using testing::HasSubstr;

const SandboxLimits kTight{
    .cpu_s = 1, .wall_s = 3, .memory_bytes = 256 << 20, .output_bytes = 4096};

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!sandbox()) GTEST_SKIP() << "no sandbox here: " << reason();
  }

  static const std::optional<Sandbox>& sandbox() {
    static const std::optional<Sandbox> opened = []() -> std::optional<Sandbox> {
      try {
        return Sandbox::open();
      } catch (const Unsupported& error) {
        reason() = error.what();
        return std::nullopt;
      }
    }();
    return opened;
  }
  static std::string& reason() {
    static std::string text;
    return text;
  }

  static SandboxRun run(std::string_view program, const SandboxLimits& limits = kTight) {
    return sandbox()->run(program, limits);
  }
  /// Runs an expression that must raise, and returns what it raised.
  static std::string refused(const std::string& action) {
    const SandboxRun r =
        run("import os, sys\ntry:\n  " + action +
            "\n  print('DONE')\nexcept BaseException as e:\n  print(type(e).__name__, e)");
    EXPECT_EQ(r.status, 0) << r.output;
    return r.output;
  }

  /// Processes of sandboxes, anywhere on the machine.
  static std::set<int> inside() {
    std::set<int> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const int pid = std::atoi(entry.path().filename().c_str());
      const std::string line = pid > 0 ? test::read_file(entry.path() / "cmdline") : "";
      if (line.find("/program.py") != line.npos) found.insert(pid);
    }
    return found;
  }
  /// Tests that run at the same time have processes of their own, which soon end.
  static void expect_nothing_left() {
    std::set<int> left = inside();
    for (int i = 0; i < 2000 && !left.empty(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      const std::set<int> now = inside();
      std::erase_if(left, [&](int pid) { return !now.contains(pid); });
    }
    EXPECT_THAT(left, testing::IsEmpty());
  }
};

TEST_F(SandboxTest, RunsHonestPrograms) {
  const SandboxRun r =
      run("import math, re, collections, heapq, itertools, json, random, typing, datetime, sys\n"
          "print(math.gcd(12, 18), sorted({3, 1, 2}))\nprint('错误', file=sys.stderr)");
  EXPECT_EQ(r.end, End::kExited);
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.output, HasSubstr("6 [1, 2, 3]\n"));
  EXPECT_THAT(r.output, HasSubstr("错误\n"));
  EXPECT_LT(r.seconds, 3);
}

TEST_F(SandboxTest, ReportsHowItEnded) {
  EXPECT_EQ(run("raise SystemExit(7)").status, 7);
  const SandboxRun failed = run("assert 1 == 2, 'as expected'");
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.output, HasSubstr("AssertionError: as expected"));
  EXPECT_EQ(run("def f(:").status, 1);
  const SandboxRun killed = run("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)");
  EXPECT_EQ(killed.end, End::kExited);
  EXPECT_EQ(killed.status, 128 + SIGSEGV);
  for (const int status : {126, 127, 128, 129, 200, 255}) {
    const SandboxRun r = run("raise SystemExit(" + std::to_string(status) + ")");
    EXPECT_EQ(r.end, End::kExited);
    EXPECT_EQ(r.status, status);
  }
  EXPECT_EQ(name(End::kTimedOut), "timed out");
}

TEST_F(SandboxTest, AnEndlessLoopEnds) {
  const SandboxRun busy = run("while True: pass");
  EXPECT_EQ(busy.end, End::kExited);
  EXPECT_THAT(busy.status, testing::AnyOf(128 + SIGXCPU, 128 + SIGKILL));
  const SandboxRun idle = run("import time\ntime.sleep(1000)", {.wall_s = 0.4});
  EXPECT_EQ(idle.end, End::kTimedOut);
  // Deaf to polite signals and with closed output.
  const SandboxRun deaf =
      run("import os, signal, time\nfor s in (signal.SIGTERM, signal.SIGINT, signal.SIGXCPU): "
          "signal.signal(s, signal.SIG_IGN)\nos.close(1)\nos.close(2)\ntime.sleep(1000)",
          {.wall_s = 0.4});
  EXPECT_EQ(deaf.end, End::kTimedOut);
  expect_nothing_left();
}

TEST_F(SandboxTest, AForkBombDoesNotBeginAndThreadsNeither) {
  EXPECT_THAT(refused("os.fork()"), HasSubstr("PermissionError"));
  EXPECT_THAT(refused("import subprocess; subprocess.run(['/usr/bin/true'])"),
              HasSubstr("PermissionError"));
  EXPECT_THAT(refused("import threading; threading.Thread(target=print).start()"),
              HasSubstr("can't start new thread"));
  EXPECT_NE(run("import os\nwhile True: os.fork()").status, 0);
  EXPECT_THAT(refused("os.posix_spawn('/usr/bin/true', ['true'], {})"),
              HasSubstr("PermissionError"));
  expect_nothing_left();
}

TEST_F(SandboxTest, AMemoryHogFails) {
  EXPECT_THAT(refused("x = bytearray(1 << 30)"), HasSubstr("MemoryError"));
  EXPECT_NE(run("x = []\nwhile True: x.append(bytearray(1 << 20))").status, 0);
  EXPECT_THAT(refused("import mmap; mmap.mmap(-1, 1 << 30)"), HasSubstr("Error"));
  EXPECT_THAT(refused("os.memfd_create('x')"), HasSubstr("PermissionError"));
  EXPECT_THAT(refused("from multiprocessing import shared_memory as s; "
                      "s.SharedMemory(create=True, size=1 << 20)"),
              HasSubstr("Error"));
}

TEST_F(SandboxTest, NothingCanBeWritten) {
  for (const char* path : {"/tmp/x", "/x", "/usr/x", "/usr/lib/x", "/dev/x", "/dev/shm/x",
                           "/program.py", "/var/tmp/x", "/home/x", "/root/x", "x"}) {
    EXPECT_THAT(refused("open('" + std::string(path) + "', 'w')"), HasSubstr("Error")) << path;
  }
  EXPECT_THAT(refused("os.mkdir('/a')"), HasSubstr("Read-only"));
  EXPECT_THAT(refused("os.remove('/usr/bin/python3')"), HasSubstr("Error"));
  EXPECT_THAT(refused("import tempfile; tempfile.TemporaryFile()"), HasSubstr("FileNotFoundError"));
}

TEST_F(SandboxTest, TheMachineIsNotSeen) {
  const test::ScratchDir scratch;
  test::write_file(scratch / "secret", "secret");
  EXPECT_THAT(refused("print(open('" + (scratch / "secret").string() + "').read())"),
              HasSubstr("FileNotFoundError"));
  for (const char* path : {"/etc/passwd", "/proc/self/environ", "/proc/1/cmdline", "/sys", "/root",
                           "/home", "/dev/kmsg", "/dev/sda", "/var"}) {
    EXPECT_THAT(refused("os.stat('" + std::string(path) + "')"), HasSubstr("FileNotFoundError"))
        << path;
  }
  const SandboxRun r =
      run("import os\nprint(sorted(os.environ), os.getuid(), os.listdir('/dev'))\n"
          "print([os.fstat(i) and i for i in range(3)])\n"
          "for i in range(3, 64):\n  try: os.fstat(i); print('open', i)\n  except OSError: pass");
  EXPECT_THAT(r.output, HasSubstr("'LANG', 'PATH', 'PWD', 'PYTHONHASHSEED'] 65534 ['null']"));
  EXPECT_THAT(r.output, testing::Not(HasSubstr("open")));
}

TEST_F(SandboxTest, ThereIsNoNetwork) {
  EXPECT_THAT(refused("import socket; socket.create_connection(('127.0.0.1', 22), 1)"),
              HasSubstr("PermissionError"));
  EXPECT_THAT(refused("import socket; socket.socketpair()"), HasSubstr("PermissionError"));
  EXPECT_THAT(refused("import urllib.request as u; u.urlopen('http://example.com', timeout=1)"),
              HasSubstr("Error"));
}

TEST_F(SandboxTest, OtherProcessesAreOutOfReach) {
  const std::string us = std::to_string(getpid()), parent = std::to_string(getppid());
  for (const std::string& pid : {us, parent, std::string("3")}) {
    EXPECT_THAT(refused("os.kill(" + pid + ", 0)"), HasSubstr("ProcessLookupError"));
  }
  // Its own parent there is bubblewrap's first process, which such signals do not reach.
  const SandboxRun r =
      run("import os, time\nos.kill(os.getppid(), 9)\nos.kill(1, 15)\n"
          "time.sleep(0.1)\nprint('both live')");
  EXPECT_THAT(r.output, HasSubstr("both live"));
  EXPECT_THAT(refused("os.kill(-1, 9)"), HasSubstr("ProcessLookupError"));  // there are no others
  expect_nothing_left();
}

TEST_F(SandboxTest, RightsCannotBeRegained) {
  EXPECT_THAT(refused("os.setuid(0)"), HasSubstr("Error"));
  EXPECT_THAT(refused("os.chroot('/usr')"), HasSubstr("PermissionError"));
  EXPECT_THAT(refused("import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1))"),
              HasSubstr("not allowed"));
  EXPECT_THAT(refused("import resource; resource.setrlimit(resource.RLIMIT_CPU, (99, 99))"),
              HasSubstr("not allowed"));
  const SandboxRun r =
      run("import ctypes\nc = ctypes.CDLL(None, use_errno=True)\n"
          "print(c.unshare(0x10000000), ctypes.get_errno(), c.ptrace(0, 0, 0, 0), c.mount(b'/usr', "
          "b'/usr', None, 4096, None), c.syscall(435, 0, 0))");
  EXPECT_THAT(r.output, HasSubstr("-1 1 -1 -1 -1")) << r.output;
}

TEST_F(SandboxTest, HugeOutputIsCutAndEndsIt) {
  const SandboxRun r = run("while True: print('x' * 1000)");
  EXPECT_EQ(r.end, End::kTooMuchOutput);
  EXPECT_EQ(r.output.size(), 4096u);
  const SandboxRun once = run("print('x' * 4095)");
  EXPECT_EQ(once.end, End::kExited);
  EXPECT_EQ(once.output.size(), 4096u);
  expect_nothing_left();
}

TEST_F(SandboxTest, CancellingEndsItSoon) {
  std::stop_source stop;
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop.request_stop();
  });
  EXPECT_EQ(sandbox()->run("import time\ntime.sleep(100)", {}, stop.get_token()).end,
            End::kCancelled);
  expect_nothing_left();
}

/// Orphans become children of this process while it lives, as they do in a container whose first
/// process it is.
class Adoption {
 public:
  Adoption() { prctl(PR_SET_CHILD_SUBREAPER, 1); }
  ~Adoption() { prctl(PR_SET_CHILD_SUBREAPER, 0); }
  Adoption(const Adoption&) = delete;
  Adoption& operator=(const Adoption&) = delete;
};

TEST_F(SandboxTest, NoChildIsLeftToAProcessThatAdoptsOrphans) {
  const Adoption adoption;
  for (const char* program : {"pass", "raise SystemExit(3)", "import os\nos.abort()",
                              "import time\ntime.sleep(100)", "while True: print('x' * 1000)"}) {
    run(program, {.cpu_s = 1, .wall_s = 0.5, .output_bytes = 4096});
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << program;
    EXPECT_EQ(errno, ECHILD) << program;
  }
}

/// A bubblewrap that does what a script says before it begins, as any user may run it.
class ScriptedBwrap {
 public:
  explicit ScriptedBwrap(const std::string& script) {
    namespace fs = std::filesystem;
    fs::permissions(scratch_.path(), fs::perms(0777));
    test::write_file(path(), "#!/bin/sh\ncd " + scratch_.path().string() + "\n" + script +
                                 "\nexec /usr/bin/bwrap \"$@\"\n");
    fs::permissions(path(), fs::perms(0755));
  }
  std::filesystem::path path() const { return scratch_ / "bwrap"; }
  void write(std::string_view name) { test::write_file(scratch_ / name, ""); }

 private:
  test::ScratchDir scratch_;
};

TEST_F(SandboxTest, TroubleOfBubblewrapIsAnErrorAndNoResult) {
  ScriptedBwrap bwrap(
      "if [ -e full ]; then echo 'bwrap: Creating new namespace failed: No space left' >&2; exit "
      "1; fi\n"
      "if [ -e killed ]; then kill -9 $$; fi\n"
      "if [ -e stuck ]; then sleep 100; fi");
  const Sandbox sandbox = Sandbox::open({.bwrap = bwrap.path()});
  EXPECT_EQ(sandbox.run("print(1)", kTight).output, "1\n");
  bwrap.write("stuck");
  PANGU_EXPECT_ERROR(sandbox.run("pass", {.wall_s = 0.2}), FileError, "could not be run",
                     "timed out", "nothing about the program");
  bwrap.write("killed");
  PANGU_EXPECT_ERROR(sandbox.run("pass", kTight), FileError, "ended by signal 9", "memory");
  bwrap.write("full");
  PANGU_EXPECT_ERROR(sandbox.run("pass", kTight), FileError, "could not be run", "status 1",
                     "No space left", "max_user_namespaces", "--jobs");
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_EQ(sandbox.run("pass", kTight, stopped.get_token()).end, End::kCancelled);
}

TEST_F(SandboxTest, WhatIsRefusedForAMomentIsTriedAgain) {
  ScriptedBwrap bwrap("if [ -e busy ]; then mkdir 1 2>&- && exit 1; mkdir 2 2>&- && exit 1; fi");
  const Sandbox sandbox = Sandbox::open({.bwrap = bwrap.path()});
  bwrap.write("busy");
  EXPECT_EQ(sandbox.run("print(1)", kTight).output, "1\n");
  EXPECT_EQ(sandbox.run("print(2)", kTight).output, "2\n");
}

TEST_F(SandboxTest, PythonThatCannotStartIsAnErrorAndNoResult) {
  PANGU_EXPECT_ERROR(run("pass", {.memory_bytes = 8 << 20}), FileError, "could not be run",
                     "--code-memory");
}

TEST_F(SandboxTest, RunsFromSeveralThreadsDoNotMix) {
  std::vector<std::jthread> threads;
  std::vector<std::string> outputs(8);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    threads.emplace_back(
        [&outputs, i] { outputs[i] = run("print(" + std::to_string(i) + ")").output; });
  }
  threads.clear();
  for (std::size_t i = 0; i < outputs.size(); ++i) EXPECT_EQ(outputs[i], std::to_string(i) + "\n");
}

TEST(Sandbox, RefusesToRunUnguarded) {
  PANGU_EXPECT_ERROR(Sandbox::open({.bwrap = "/nowhere/bwrap"}), Unsupported, "/nowhere/bwrap",
                     "never run unguarded", "apt-get install bubblewrap");
  PANGU_EXPECT_ERROR(Sandbox::open({.python = "/nowhere/python3"}), Unsupported, "python3",
                     "apt-get install python3");
  // A bubblewrap that does not work, and one that guards nothing.
  PANGU_EXPECT_ERROR(Sandbox::open({.bwrap = "/bin/false"}), Unsupported, "cannot be run safely",
                     "user namespaces");
  const test::ScratchDir scratch;
  std::filesystem::permissions(scratch.path(), std::filesystem::perms(0755));
  test::write_file(scratch / "bwrap", "#!/bin/sh\nprintf '" + std::string(kBegan) +
                                          "'\nexec /usr/bin/python3 -I - <&3\n");
  std::filesystem::permissions(scratch / "bwrap", std::filesystem::perms(0755));
  PANGU_EXPECT_ERROR(Sandbox::open({.bwrap = scratch / "bwrap"}), Unsupported,
                     "open: ", "making a process", "opening a socket");
}

TEST(SandboxFilter, IsAnArrayOfInstructions) {
  const std::string filter = sandbox_filter();
  EXPECT_GT(filter.size(), 50 * 8u);
  EXPECT_EQ(filter.size() % 8, 0u);
}

}  // namespace
}  // namespace pangu::eval
