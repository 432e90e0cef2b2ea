// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/interrupt.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <system_error>
#include <utility>

#include "apps/shared/output.h"
#include "apps/shared/terminal_mode.h"
#include "base/error.h"
#include "io/temporary.h"

namespace pangu::app {
namespace {

std::atomic<int> last_signal = SIGINT;

/// What asks the program to end, taken even where it is ignored: as SIGINT is in what a script runs
/// in the background, and SIGHUP under nohup, which on_hang_up() may wait for all the same.
sigset_t interrupt_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  return set;
}

bool is_ignored(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

/// How long work may take to stop before somebody who waits is told.
constexpr timespec kPatience{.tv_sec = 1, .tv_nsec = 0};

/// Ends the program without unwinding: its threads may be busy for long.
[[noreturn]] void end_now() {
  restore_terminal();
  Temporary::remove_all();
  ::_exit(interrupted_status());
}

}  // namespace

int interrupted_status() {
  return 128 + last_signal;
}

Interrupts::Interrupts()
    : ignores_hang_up_(is_ignored(SIGHUP)), had_terminal_(is_terminal_stderr()) {
  const sigset_t set = interrupt_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  try {
    watcher_ = std::thread([this] { watch(); });
  } catch (const std::system_error& error) {
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    note(
        fmt::format("pangu: warning: Ctrl-C will end the program without saving: the system starts "
                    "no thread that could wait for it ({}).\n",
                    error.code().message()));
  }
}

Interrupts::~Interrupts() {
  if (!watcher_.joinable()) return;
  done_ = true;
  pthread_kill(watcher_.native_handle(), SIGINT);
  watcher_.join();
  const sigset_t set = interrupt_set();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

std::stop_token Interrupts::work() {
  const std::lock_guard lock(mutex_);
  hint_.clear();
  return work_.get_token();
}

bool Interrupts::requested() const {
  const std::lock_guard lock(mutex_);
  return work_.stop_requested();
}

void Interrupts::check() const {
  if (requested()) fail<Cancelled>("[cancel] stopped by Ctrl-C.");
}

void Interrupts::on_hang_up(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  on_hang_up_ = std::move(work);
}

bool Interrupts::hang_up() {
  const std::lock_guard lock(mutex_);
  const bool terminal_closed = had_terminal_ && !is_terminal_stderr();
  if (!on_hang_up_ || terminal_closed) return ignores_hang_up_;
  on_hang_up_();
  return true;
}

void Interrupts::begin_prompt(std::string hint) {
  const std::lock_guard lock(mutex_);
  work_ = std::stop_source();
  hint_ = std::move(hint);
  hinted_ = false;
}

bool Interrupts::hinted() const {
  const std::lock_guard lock(mutex_);
  return hinted_;
}

void Interrupts::watch() {
  const sigset_t set = interrupt_set();
  bool may_tell = false;
  for (;;) {
    const int signal = sigtimedwait(&set, nullptr, may_tell ? &kPatience : nullptr);
    if (done_) return;
    if (signal == SIGHUP && hang_up()) continue;
    if (signal > 0) {
      interrupt(signal);
      may_tell = true;
    } else if (errno == EAGAIN) {
      tell();
      may_tell = false;
    }
  }
}

void Interrupts::tell() const {
  const std::lock_guard lock(mutex_);
  if (!work_.stop_requested() || !hint_.empty()) return;
  // Behind the ^C or the bar that stands there.
  if (is_terminal_stderr()) note("\n");
  note("pangu: stopping after this pass or step; again to stop at once, without saving.\n");
}

void Interrupts::interrupt(int signal) {
  last_signal = signal;
  const std::lock_guard lock(mutex_);
  if (!hint_.empty()) {
    if (signal != SIGINT) end_now();
    if (std::exchange(hinted_, true)) {
      note("\n");
      end_now();
    }
    note(hint_);
  } else if (!work_.request_stop()) {
    end_now();
  }
}

}  // namespace pangu::app
