// SPDX-License-Identifier: Apache-2.0
// One process under limits: started, watched, and killed when a limit is reached.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "eval/sandbox.h"

namespace pangu::eval {

/// Descriptors under which the process finds its program and its filter.
inline constexpr int kProgramFd = 3;
inline constexpr int kFilterFd = 4;

/// What Python prints before it begins the program.
inline constexpr std::string_view kBegan = "sandbox: begun;";

struct ConfinedProcess {
  std::vector<std::string> arguments;  ///< the first one is the path of what is started
  std::string_view program;            ///< content of kProgramFd
  std::string_view filter;             ///< content of kFilterFd
  bool as_nobody = false;              ///< becomes user and group 65534 first
};

/// Runs it to its end or a limit. Whatever it started is gone when this returns, if it dies with
/// its parent (bwrap --die-with-parent), and reaped, if this process adopts orphans: the first one
/// of a container, or a subreaper. throws FileError, with the bare reason, if the system
/// refuses a process, a pipe or memory, or if a signal of others ended it.
SandboxRun run_confined(const ConfinedProcess& process, const SandboxLimits& limits,
                        const std::stop_token& cancel);

}  // namespace pangu::eval
