// SPDX-License-Identifier: Apache-2.0
#include "eval/sandbox_process.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/resources.h"

namespace pangu::eval {
namespace {

constexpr unsigned kNobody = 65534;

[[noreturn]] void fail_with(const char* what) {
  fail<FileError>("{}: {}", what, std::strerror(errno));
}

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

/// A file in memory, to be read from its beginning, under a number that no child's own number can
/// overwrite.
int memory_file(std::string_view content) {
  const int low = memfd_create("pangu-sandbox", MFD_CLOEXEC);
  if (low < 0) fail_with("no file in memory could be made");
  const int fd = fcntl(low, F_DUPFD_CLOEXEC, 16);
  ::close(low);
  if (fd < 0) fail_with("no descriptor is left");
  for (std::size_t at = 0; at < content.size();) {
    const ssize_t n = ::write(fd, content.data() + at, content.size() - at);
    if (n < 0 && errno != EINTR) {
      ::close(fd);
      fail_with("a file in memory could not be written");
    }
    at += n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  lseek(fd, 0, SEEK_SET);
  return fd;
}

bool limit(int resource, rlim_t soft, rlim_t hard) {
  rlimit now{};
  if (getrlimit(static_cast<__rlimit_resource>(resource), &now) != 0) return false;
  hard = std::min(hard, now.rlim_max);
  const rlimit wanted{std::min(soft, hard), hard};
  return setrlimit(static_cast<__rlimit_resource>(resource), &wanted) == 0;
}

bool set_limits(const SandboxLimits& limits, std::size_t program_bytes) {
  const auto cpu = static_cast<rlim_t>(limits.cpu_s);
  const auto memory = static_cast<rlim_t>(limits.memory_bytes);
  // Nothing can be opened for writing; bubblewrap itself must write the program once.
  const auto file = static_cast<rlim_t>(program_bytes) + 4096;
  return limit(RLIMIT_CPU, cpu, cpu + 1) && limit(RLIMIT_AS, memory, memory) &&
         limit(RLIMIT_DATA, memory, memory) && limit(RLIMIT_FSIZE, file, file) &&
         limit(RLIMIT_NOFILE, 64, 64) && limit(RLIMIT_CORE, 0, 0) && limit(RLIMIT_MEMLOCK, 0, 0) &&
         limit(RLIMIT_MSGQUEUE, 0, 0);
}

struct Plumbing {
  int program, filter, output;
};

/// In the child, where only what is safe after fork() in a program of many threads may be called.
[[noreturn]] void become(const ConfinedProcess& process, char* const* argv, const Plumbing& fds,
                         const SandboxLimits& limits) {
  constexpr int kCannotStart = 126;
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  setsid();  // Ctrl-C on the terminal is for the program that asked, not for this one
  const int null = ::open("/dev/null", O_RDONLY);
  const bool plumbed = null >= 0 && ::dup2(null, 0) >= 0 && ::dup2(fds.output, 1) >= 0 &&
                       ::dup2(fds.output, 2) >= 0 && ::dup2(fds.program, kProgramFd) >= 0 &&
                       ::dup2(fds.filter, kFilterFd) >= 0 &&
                       syscall(SYS_close_range, kFilterFd + 1, ~0u, 0) == 0;
  if (!plumbed) _exit(kCannotStart);
  if (process.as_nobody &&
      (setgroups(0, nullptr) != 0 || setresgid(kNobody, kNobody, kNobody) != 0 ||
       setresuid(kNobody, kNobody, kNobody) != 0)) {
    _exit(kCannotStart);
  }
  if (!set_limits(limits, process.program.size())) _exit(kCannotStart);
  char* const environment[] = {nullptr};
  execve(argv[0], argv, environment);
  _exit(kCannotStart);
}

/// Reads what is there; false at the end of the output or once there is too much of it.
bool drain(int fd, const SandboxLimits& limits, SandboxRun& run, bool& too_much) {
  char buffer[16384];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    const auto room = static_cast<std::size_t>(limits.output_bytes) - run.output.size();
    too_much = static_cast<std::size_t>(n) > room;
    run.output.append(buffer, std::min(static_cast<std::size_t>(n), room));
    if (too_much) return false;
  }
}

/// Waits for the process or for a reason to kill it.
SandboxRun watch(int process, int output, const SandboxLimits& limits,
                 const std::stop_token& cancel) {
  using End = SandboxRun::End;
  SandboxRun run;
  const Stopwatch watch;
  bool open = true, too_much = false;
  for (;;) {
    const double left = limits.wall_s - watch.seconds();
    if (left <= 0) {
      run.end = End::kTimedOut;
      break;
    }
    if (cancel.stop_requested()) {
      run.end = End::kCancelled;
      break;
    }
    pollfd fds[] = {{process, POLLIN, 0}, {open ? output : -1, POLLIN, 0}};
    ::poll(fds, 2, static_cast<int>(std::min(left * 1000 + 1, 100.0)));
    if (fds[1].revents != 0) open = drain(output, limits, run, too_much);
    if (fds[0].revents != 0 && open) drain(output, limits, run, too_much);
    if (too_much) {
      run.end = End::kTooMuchOutput;
      break;
    }
    if (fds[0].revents != 0) break;
  }
  run.seconds = watch.seconds();
  return run;
}

/// Waits for a child, and for the processes of its group where its end made them children of this
/// process: bubblewrap does not wait for the first process of its namespace. Returns the child's
/// status.
int reap(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  while (::waitpid(-child, nullptr, 0) > 0 || errno == EINTR) {
  }
  return status;
}

}  // namespace

SandboxRun run_confined(const ConfinedProcess& process, const SandboxLimits& limits,
                        const std::stop_token& cancel) {
  const Descriptor program(memory_file(process.program)), filter(memory_file(process.filter));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail_with("no pipe could be made");
  const Descriptor output(ends[0]);
  Descriptor input(fcntl(ends[1], F_DUPFD_CLOEXEC, 16));
  ::close(ends[1]);
  fcntl(output.get(), F_SETFL, O_NONBLOCK);
  std::vector<char*> argv;
  for (const std::string& argument : process.arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);

  const pid_t pid = ::fork();
  if (pid < 0) fail_with("no process could be started");
  if (pid == 0) {
    become(process, argv.data(), {program.get(), filter.get(), input.get()}, limits);
  }
  input.reset();
  const Descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  SandboxRun run;
  if (handle.get() >= 0) run = watch(handle.get(), output.get(), limits, cancel);
  const bool by_itself = handle.get() >= 0 && run.end == SandboxRun::End::kExited;
  if (!by_itself) {
    ::kill(-pid, SIGKILL);
    ::kill(pid, SIGKILL);
  }
  const int status = reap(pid);
  if (handle.get() < 0) fail_with("the process cannot be watched (pidfd_open, Linux 5.3)");
  if (by_itself && WIFSIGNALED(status)) {
    fail<FileError>("bubblewrap was ended by signal {}, which no program inside can send",
                    WTERMSIG(status));
  }
  if (by_itself) run.status = WEXITSTATUS(status);
  return run;
}

}  // namespace pangu::eval
