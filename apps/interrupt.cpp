// SPDX-License-Identifier: Apache-2.0
#include "apps/interrupt.h"

#include <unistd.h>

#include <csignal>
#include <utility>

#include "apps/output.h"
#include "apps/terminal_mode.h"
#include "base/error.h"

namespace pangu::app {
namespace {

sigset_t interrupt_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  return set;
}

[[noreturn]] void end_at_once() {
  restore_terminal();
  ::_exit(kInterruptedStatus);
}

}  // namespace

Interrupts::Interrupts() {
  const sigset_t set = interrupt_set();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  watcher_ = std::thread([this] { watch(); });
}

Interrupts::~Interrupts() {
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
  for (;;) {
    int signal = 0;
    sigwait(&set, &signal);
    if (done_) return;
    interrupt();
  }
}

void Interrupts::interrupt() {
  const std::lock_guard lock(mutex_);
  if (!hint_.empty()) {
    if (std::exchange(hinted_, true)) {
      note("\n");
      end_at_once();
    }
    note(hint_);
  } else if (!work_.request_stop()) {
    end_at_once();
  }
}

}  // namespace pangu::app
