// SPDX-License-Identifier: Apache-2.0
// Ctrl-C and other requests to end: the first one asks the current work to stop, so that it saves
// what it has, and says so where that takes longer than a second; a second one ends the program at
// once.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace pangu::app {

/// Exit status of a program that was asked to end, as shells expect it: 128 and the last signal's
/// number; 130 (Ctrl-C) before there was any.
int interrupted_status();

/// Takes SIGINT (Ctrl-C), SIGTERM (kill, services, batch systems) and, unless the caller ignores it
/// (nohup), SIGHUP (a terminal that closes) while it lives. They are blocked in every thread and a
/// thread of its own waits for them, so that what follows is ordinary code and not a signal
/// handler. Make it before any other thread starts. Where the system starts no thread, they end the
/// program as they do by default, and a note says so.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  /// Begins or goes on with work; returns the token that the first Ctrl-C stops.
  std::stop_token work();
  /// Whether Ctrl-C came, or came since the last prompt.
  bool requested() const;
  /// Throws Cancelled if it did.
  void check() const;

  /// From now on SIGHUP calls `work`, from the thread that waits for signals, in place of asking
  /// the program to end; an empty one makes it as it was. Where a terminal closes that standard
  /// error was, it asks to end as before.
  void on_hang_up(std::function<void()> work);

  /// Forgets what was asked. Until work() is called, the first Ctrl-C prints `hint` and the second
  /// one ends the program.
  void begin_prompt(std::string hint);
  /// Whether the hint was printed since.
  bool hinted() const;

 private:
  void watch();
  /// Whether a SIGHUP is no request to end.
  bool hang_up();
  void interrupt(int signal);
  /// Says what is waited for, unless the work has stopped.
  void tell() const;

  mutable std::mutex mutex_;
  std::stop_source work_;
  std::string hint_;  ///< empty unless a question is awaited
  bool hinted_ = false;
  std::function<void()> on_hang_up_;
  const bool ignores_hang_up_, had_terminal_;
  std::atomic<bool> done_ = false;
  std::thread watcher_;
};

/// Calls something for SIGHUP as long as it lives.
class HangUps {
 public:
  HangUps(Interrupts& interrupts, std::function<void()> work) : interrupts_(interrupts) {
    interrupts_.on_hang_up(std::move(work));
  }
  ~HangUps() { interrupts_.on_hang_up({}); }
  HangUps(const HangUps&) = delete;
  HangUps& operator=(const HangUps&) = delete;

 private:
  Interrupts& interrupts_;
};

}  // namespace pangu::app
