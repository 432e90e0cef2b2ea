// SPDX-License-Identifier: Apache-2.0
#include "eval/sandbox_filter.h"

#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/error.h"

namespace pangu::eval {
namespace {

/// Grouped by what they would undo.
constexpr const char* kDenied[] = {
    // One process of one thread: limits of memory and CPU are per process.
    "clone",
    "clone3",
    "fork",
    "vfork",
    // No network, beside the namespace that has none; and no buffers in the kernel.
    "socket",
    "socketpair",
    // Memory that RLIMIT_AS does not count.
    "memfd_create",
    "memfd_secret",
    "shmget",
    "shmat",
    "msgget",
    "semget",
    "mq_open",
    // Namespaces, mounts, other roots, and what they made possible in the past.
    "unshare",
    "setns",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsmount",
    "fsconfig",
    "fspick",
    "mount_setattr",
    "open_by_handle_at",
    "name_to_handle_at",
    // Other processes.
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    // Large parts of the kernel that arithmetic does not need.
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "add_key",
    "request_key",
    "keyctl",
    "fanotify_init",
    "inotify_init",
    "inotify_init1",
    "vmsplice",
    "splice",
    "tee",
    "personality",
    "modify_ldt",
    "quotactl",
    "acct",
    "syslog",
    "init_module",
    "finit_module",
    "delete_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "swapon",
    "swapoff",
    "sethostname",
    "setdomainname",
    "settimeofday",
    "clock_settime",
    "adjtimex",
    "clock_adjtime",
    "iopl",
    "ioperm",
    "lookup_dcookie",
    "mbind",
    "migrate_pages",
    "move_pages",
    "set_mempolicy",
    "sched_setattr",
};

std::string read_all(int fd) {
  std::string bytes(static_cast<std::size_t>(lseek(fd, 0, SEEK_END)), '\0');
  const ssize_t got = pread(fd, bytes.data(), bytes.size(), 0);
  bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return bytes;
}

}  // namespace

std::string sandbox_filter() {
  const std::unique_ptr<void, void (*)(void*)> filter(seccomp_init(SCMP_ACT_ALLOW),
                                                      seccomp_release);
  const auto check = [](int error, const char* what) {
    if (error < 0) {
      fail<Unsupported>("[sandbox] the filter of system calls cannot be made ({}: {}).", what,
                        std::strerror(-error));
    }
  };
  if (!filter) check(-ENOMEM, "seccomp_init");
  for (const char* name : kDenied) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number < 0) continue;  // not on this architecture, or newer than libseccomp
    check(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), number, 0), name);
  }
  const int fd = memfd_create("pangu-filter", MFD_CLOEXEC);
  if (fd < 0) check(-errno, "memfd_create");
  const int error = seccomp_export_bpf(filter.get(), fd);
  std::string bytes = read_all(fd);
  close(fd);
  check(error, "seccomp_export_bpf");
  return bytes;
}

}  // namespace pangu::eval
