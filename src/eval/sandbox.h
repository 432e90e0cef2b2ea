// SPDX-License-Identifier: Apache-2.0
// Runs Python that nobody has read: without network, without a place to write, in one process with
// limits of time, memory and output. docs/eval.md says what this guards against and what not.
//
// Bubblewrap makes the walls (namespaces of users, mounts, processes, network, IPC), a seccomp
// filter closes what they leave open, and resource limits bound the one process inside.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

namespace pangu::eval {

struct SandboxLimits {
  int cpu_s = 10;
  double wall_s = 15;
  std::int64_t memory_bytes = std::int64_t{1} << 30;  ///< of address space
  std::int64_t output_bytes = 64 * 1024;              ///< standard output and error together

  /// Sets wall_s so that a program may wait for its turn, too, as it does beside others.
  void allow_waiting() { wall_s = 1.5 * cpu_s + 5; }
};

struct SandboxRun {
  enum class End {
    kExited,    ///< with `status`
    kTimedOut,  ///< the wall time was over
    kTooMuchOutput,
    kCancelled
  };
  End end = End::kExited;
  /// Of kExited: the program's own status. For a program that a signal ended, such as that of the
  /// CPU limit, bubblewrap gives 128 + its number, as shells do; so may a program itself.
  int status = 0;
  std::string output;  ///< at most output_bytes
  double seconds = 0;
};

/// "exited", "timed out", "too much output", "cancelled".
std::string_view name(SandboxRun::End end);

/// The programs that it is made of.
struct SandboxTools {
  std::filesystem::path bwrap = "/usr/bin/bwrap";
  std::filesystem::path python = "/usr/bin/python3";
};

class Sandbox {
 public:
  /// Finds a way that works here, as root or not, and proves it by trying to break out.
  /// throws  Unsupported, saying what is missing and how to get it. Nothing is ever run unguarded.
  static Sandbox open(const SandboxTools& tools = {});

  /// Runs a program to its end or a limit. May be called from several threads.
  /// throws  FileError if the program could not be begun: the system refused a process, a
  /// namespace, a pipe or memory, even half a second later, or bubblewrap or Python failed. That
  /// says nothing about the program.
  SandboxRun run(std::string_view program, const SandboxLimits& limits = {},
                 const std::stop_token& cancel = {}) const;

  /// "bubblewrap 0.8.0 as an unprivileged user, Python 3.11.2"
  const std::string& description() const { return description_; }

 private:
  /// A run, or the trouble of the sandbox that kept it from beginning.
  struct Attempt {
    SandboxRun run;
    std::string trouble;
  };

  Sandbox(SandboxTools tools, bool as_nobody);
  Attempt attempt(std::string_view program, SandboxLimits limits,
                  const std::stop_token& cancel) const;
  /// What keeps it from confining a program; empty if nothing does.
  std::string weakness() const;

  SandboxTools tools_;
  bool as_nobody_;  ///< gives up root before anything else
  std::string filter_;
  std::string description_;
};

}  // namespace pangu::eval
