// SPDX-License-Identifier: Apache-2.0
// The system calls that code in the sandbox may not make.
#pragma once

#include <string>

namespace pangu::eval {

/// A seccomp filter as bubblewrap takes it (an array of struct sock_filter): no new processes or
/// threads, no sockets, no memory outside the address space, no namespaces, mounts, keys, tracing
/// or kernel interfaces. Each such call fails with EPERM; one of a foreign architecture kills.
/// throws  Unsupported if this processor is unknown to libseccomp.
std::string sandbox_filter();

}  // namespace pangu::eval
