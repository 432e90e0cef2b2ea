// SPDX-License-Identifier: Apache-2.0
// What the system may do to the program while it runs, and how it goes on or ends: small stacks,
// limits of file sizes, files that shrink while they are read.
#pragma once

namespace pangu::app {

/// Turns a write past the limit of file sizes (ulimit -f) into an error of that write; has a mapped
/// file that shrinks end the program with status 1, a message that names it, and no temporary files
/// left; and gives threads stacks of a usual size, whatever `ulimit -s` says.
void prepare_for_limits();

/// Calls `work` on a stack of a usual size where that of the process is small (ulimit -s).
int with_enough_stack(int (*work)(int argc, char** argv), int argc, char** argv);

}  // namespace pangu::app
