// SPDX-License-Identifier: Apache-2.0
#include "eval/sandbox.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>
#include <utility>
#include <vector>

#include "base/clipped.h"
#include "base/error.h"
#include "eval/sandbox_filter.h"
#include "eval/sandbox_process.h"
#include "io/json.h"

namespace pangu::eval {
namespace {

/// Tries to break out, and prints the ways that worked. Read-only means that opening for writing
/// fails, whatever the reason.
constexpr std::string_view kProbe = R"(
import os, sys
def works(action):
    try:
        action()
    except Exception:
        return False
    return True
found = [name for name, action in {
    'writing to /tmp': lambda: open('/tmp/pangu-probe', 'w'),
    'writing to /usr': lambda: open('/usr/pangu-probe', 'w'),
    'writing to its own root': lambda: open('/pangu-probe', 'w'),
    'writing to its program': lambda: open('/program.py', 'a'),
    'making a process': lambda: os.fork() or os._exit(0),
    'opening a socket': lambda: __import__('socket').socket(),
    'memory outside the limits': lambda: os.memfd_create('probe'),
    'seeing other processes': lambda: os.kill(3, 0),
    'more memory than allowed': lambda: bytearray(1 << 40),
}.items() if works(action)]
extra = sorted(set(os.listdir('/')) - {'usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32', 'dev', 'program.py'})
if extra: found.append('seeing ' + ', '.join(extra))
if os.getuid() == 0: found.append('being root')
print('confined' if not found else 'open: ' + '; '.join(found), '%d.%d.%d' % sys.version_info[:3])
)";

/// What Python does before the program: it tells that it has begun, which tells trouble of the
/// sandbox from that of programs.
std::string bootstrap() {
  return fmt::format(
      "__import__('os').write(1, b'{}'); "
      "exec(compile(open('/program.py', 'rb').read(), '/program.py', 'exec'))",
      kBegan);
}

/// How a run ended.
std::string ending(const SandboxRun& run) {
  const std::string said = clipped(run.output, 300);
  const std::string how = run.end == SandboxRun::End::kExited
                              ? fmt::format("bubblewrap ended with status {}", run.status)
                              : fmt::format("{} after {:.1f} s", name(run.end), run.seconds);
  return said.empty() ? how : fmt::format("{}: {}", how, said);
}

std::string first_word_after(const std::string& text, std::string_view prefix) {
  const std::size_t at = text.find(prefix);
  if (at == text.npos) return "?";
  const std::string rest = text.substr(at + prefix.size());
  return rest.substr(0, rest.find_first_of(" \n"));
}

void require(const std::filesystem::path& program, std::string_view package) {
  if (access(program.c_str(), X_OK) == 0) return;
  fail<Unsupported>(
      "[sandbox] there is no {}, and code that a model wrote is never run unguarded. Install it: "
      "apt-get install {}",
      program.string(), package);
}

/// What a program sees of this machine: /usr, read-only, and the null device.
std::vector<std::string> bwrap_arguments(const SandboxTools& tools) {
  std::vector<std::string> args{tools.bwrap.string(),
                                "--unshare-user",
                                "--unshare-ipc",
                                "--unshare-pid",
                                "--unshare-net",
                                "--unshare-uts",
                                "--unshare-cgroup-try",
                                "--die-with-parent",
                                "--cap-drop",
                                "ALL",
                                "--uid",
                                "65534",
                                "--gid",
                                "65534",
                                "--hostname",
                                "sandbox",
                                "--clearenv",
                                "--setenv",
                                "PATH",
                                "/usr/bin",
                                "--setenv",
                                "LANG",
                                "C.UTF-8",
                                "--setenv",
                                "PYTHONHASHSEED",
                                "0",
                                "--ro-bind",
                                "/usr",
                                "/usr"};
  // Where /lib is part of /usr it is a link; elsewhere a folder of its own.
  for (const char* folder : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    std::error_code none;
    if (std::filesystem::is_symlink(folder, none)) {
      args.insert(args.end(),
                  {"--symlink", std::filesystem::read_symlink(folder, none).string(), folder});
    } else if (std::filesystem::is_directory(folder, none)) {
      args.insert(args.end(), {"--ro-bind", folder, folder});
    }
  }
  args.insert(args.end(), {"--dev-bind", "/dev/null", "/dev/null", "--ro-bind-data",
                           std::to_string(kProgramFd), "/program.py", "--remount-ro", "/",
                           "--chdir", "/", "--seccomp", std::to_string(kFilterFd), "--",
                           tools.python.string(), "-I", "-B", "-c", bootstrap()});
  return args;
}

}  // namespace

std::string_view name(SandboxRun::End end) {
  switch (end) {
    case SandboxRun::End::kExited:
      return "exited";
    case SandboxRun::End::kTimedOut:
      return "timed out";
    case SandboxRun::End::kTooMuchOutput:
      return "too much output";
    case SandboxRun::End::kCancelled:
      return "cancelled";
  }
  return "unknown";
}

Sandbox::Sandbox(SandboxTools tools, bool as_nobody)
    : tools_(std::move(tools)), as_nobody_(as_nobody), filter_(sandbox_filter()) {}

std::string Sandbox::weakness() const {
  const auto [probe, trouble] = attempt(kProbe, {}, {});
  if (!trouble.empty()) return trouble;
  if (probe.end == SandboxRun::End::kExited && probe.status == 0 &&
      probe.output.starts_with("confined ")) {
    return "";
  }
  const std::string said = clipped(probe.output, 300);
  return said.empty() ? ending(probe) : said;
}

Sandbox Sandbox::open(const SandboxTools& tools) {
  require(tools.bwrap, "bubblewrap");
  require(tools.python, "python3");
  const bool is_root = geteuid() == 0;
  std::string reasons;
  // Whoever gives up root first has less to lose; where only root may make namespaces, bubblewrap
  // gives it up inside.
  for (const bool as_nobody : {true, false}) {
    if (as_nobody && !is_root) continue;
    Sandbox sandbox(tools, as_nobody);
    const std::string weakness = sandbox.weakness();
    if (weakness.empty()) {
      const SandboxRun probe = sandbox.run("import sys\nprint('Python', sys.version.split()[0])");
      sandbox.description_ = fmt::format(
          "bubblewrap {}, Python {}", as_nobody || !is_root ? "as an unprivileged user" : "as root",
          first_word_after(probe.output, "Python "));
      return sandbox;
    }
    reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ",
                           as_nobody ? "as nobody" : "as this user", weakness);
  }
  fail<Unsupported>(
      "[sandbox] code that a model wrote cannot be run safely here ({}). Bubblewrap must be able "
      "to make user namespaces: check sysctl kernel.unprivileged_userns_clone and "
      "user.max_user_namespaces and the policy of your container, or evaluate on another machine.",
      reasons);
}

Sandbox::Attempt Sandbox::attempt(std::string_view program, SandboxLimits limits,
                                  const std::stop_token& cancel) const {
  limits.output_bytes += static_cast<std::int64_t>(kBegan.size());
  Attempt out;
  try {
    out.run = run_confined({.arguments = bwrap_arguments(tools_),
                            .program = program,
                            .filter = filter_,
                            .as_nobody = as_nobody_},
                           limits, cancel);
  } catch (const FileError& error) {
    out.trouble = error.what();
    return out;
  }
  const bool began = out.run.output.starts_with(kBegan);
  if (began) out.run.output.erase(0, kBegan.size());
  if (!began && out.run.end != SandboxRun::End::kCancelled) out.trouble = ending(out.run);
  return out;
}

SandboxRun Sandbox::run(std::string_view program, const SandboxLimits& limits,
                        const std::stop_token& cancel) const {
  // What other programs hold, or a moment ago held, may be free soon.
  constexpr std::chrono::milliseconds kLongestWait(320);
  for (std::chrono::milliseconds wait(20);; wait *= 2) {
    Attempt done = attempt(program, limits, cancel);
    if (done.trouble.empty()) return std::move(done.run);
    if (wait > kLongestWait || done.run.end == SandboxRun::End::kTimedOut) {
      fail<FileError>(
          "[sandbox] a program could not be run ({}). This is trouble of the sandbox and says "
          "nothing about the program. Are there processes (ulimit -u, the container's limit), user "
          "namespaces (sysctl user.max_user_namespaces), descriptors and memory left? Fewer "
          "programs at once (--jobs) need less; Python itself needs some of --code-memory.",
          done.trouble);
    }
    std::this_thread::sleep_for(wait);
  }
}

}  // namespace pangu::eval
