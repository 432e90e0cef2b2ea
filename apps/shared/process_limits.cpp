// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/process_limits.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstddef>
#include <string>

#include "apps/shared/output.h"
#include "apps/shared/terminal_mode.h"
#include "io/mapped_file.h"
#include "io/temporary.h"

namespace pangu::app {
namespace {

constexpr std::size_t kUsualStack = std::size_t{8} << 20;
/// Commands stay far below this; a stack that has it needs no replacement.
constexpr std::size_t kEnoughStack = std::size_t{2} << 20;

bool has_small_stack() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < kEnoughStack;
}

/// Reading a mapping beyond the end of its file. The signal comes to the thread that reads, in the
/// midst of code of ours that holds no lock, so that ordinary functions may be called.
void on_bus_error(int signal, siginfo_t* info, void*) {
  static std::atomic_flag is_ending;
  const char* file = info->si_code > 0 ? mapped_file_at(info->si_addr) : nullptr;
  if (!file) {
    std::signal(signal, SIG_DFL);  // not ours: the fault comes again, and ends the program
    if (info->si_code <= 0) std::raise(signal);
    return;
  }
  while (is_ending.test_and_set()) ::pause();
  restore_terminal();
  note(std::string("pangu: error: [read] ") + file +
       " became shorter while it was read, or its disk failed. Restore the file, and replace files "
       "in use by renaming only.\n");
  Temporary::remove_all();
  ::_exit(1);
}

/// Hands arguments to the function that a new context begins with, which takes none.
struct StackCall {
  int (*work)(int, char**) = nullptr;
  int argc = 0;
  char** argv = nullptr;
  int result = 0;
};
StackCall stack_call;

void run_stack_call() {
  stack_call.result = stack_call.work(stack_call.argc, stack_call.argv);
}

}  // namespace

void prepare_for_limits() {
  std::signal(SIGXFSZ, SIG_IGN);
  struct sigaction action {};
  action.sa_sigaction = &on_bus_error;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, nullptr);
  if (!has_small_stack()) return;
  pthread_attr_t attributes;
  if (::pthread_attr_init(&attributes) != 0) return;
  ::pthread_attr_setstacksize(&attributes, kUsualStack);
  ::pthread_setattr_default_np(&attributes);
  ::pthread_attr_destroy(&attributes);
}

int with_enough_stack(int (*work)(int argc, char** argv), int argc, char** argv) {
  if (!has_small_stack()) return work(argc, argv);
  void* stack = ::mmap(nullptr, kUsualStack, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  ucontext_t here, there;
  if (stack == MAP_FAILED || ::getcontext(&there) != 0) return work(argc, argv);
  there.uc_stack.ss_sp = stack;
  there.uc_stack.ss_size = kUsualStack;
  there.uc_link = &here;
  stack_call = {work, argc, argv, 0};
  ::makecontext(&there, &run_stack_call, 0);
  ::swapcontext(&here, &there);
  return stack_call.result;
}

}  // namespace pangu::app
