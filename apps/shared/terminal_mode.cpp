// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/terminal_mode.h"

#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <iterator>

#include "apps/shared/output.h"

namespace pangu::app {
namespace {

constexpr std::string_view kMarkPastes = "\x1b[?2004h", kMarkNoPastes = "\x1b[?2004l";
constexpr std::string_view kDim = "\x1b[2m", kPlain = "\x1b[0m";

// Signal handlers have no other way to know.
termios found_mode, own_mode;
std::atomic<bool> mode_is_ours = false, is_dim = false;
int shown_on = STDERR_FILENO;

void write_quietly(int fd, std::string_view text) {
  static_cast<void>(!::write(fd, text.data(), text.size()));
}

void take_over() noexcept {
  ::tcsetattr(STDIN_FILENO, TCSANOW, &own_mode);
  write_quietly(shown_on, kMarkPastes);
  mode_is_ours = true;
}

/// Signals after which the program is gone, or stopped with the terminal in other hands; the last
/// is that of its return. Interrupts takes some of them for itself while it lives.
constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT};
struct sigaction found_actions[std::size(kSignals)];

extern "C" void leave_terminal(int signal) {
  restore_terminal();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

extern "C" void return_to_terminal(int) {
  std::signal(SIGTSTP, leave_terminal);
  take_over();
}

}  // namespace

TerminalMode::TerminalMode() {
  ::tcgetattr(STDIN_FILENO, &found_mode);
  own_mode = found_mode;
  own_mode.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  own_mode.c_cc[VMIN] = 1;
  own_mode.c_cc[VTIME] = 0;
  shown_on = is_terminal_stderr() ? STDERR_FILENO : STDIN_FILENO;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    ::sigaction(kSignals[i], nullptr, &found_actions[i]);
    if (found_actions[i].sa_handler == SIG_IGN) continue;
    std::signal(kSignals[i], kSignals[i] == SIGCONT ? return_to_terminal : leave_terminal);
  }
  take_over();
}

TerminalMode::~TerminalMode() {
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    ::sigaction(kSignals[i], &found_actions[i], nullptr);
  }
  restore_terminal();
}

LineEditor::Keys TerminalMode::keys() const {
  const auto key = [](int which, char usual) {
    const cc_t set = found_mode.c_cc[which];
    return set == _POSIX_VDISABLE ? usual : static_cast<char>(set);
  };
  const LineEditor::Keys usual;
  return {.erase = key(VERASE, usual.erase),
          .erase_word = key(VWERASE, usual.erase_word),
          .erase_all = key(VKILL, usual.erase_all),
          .end = key(VEOF, usual.end)};
}

void TerminalMode::show(std::string_view text) const {
  write_quietly(shown_on, text);
}

void set_dim(bool dim) {
  if (is_dim.exchange(dim) != dim) print_control(dim ? kDim : kPlain);
}

void restore_terminal() noexcept {
  if (is_dim.exchange(false)) write_quietly(STDOUT_FILENO, kPlain);
  if (!mode_is_ours.exchange(false)) return;
  write_quietly(shown_on, kMarkNoPastes);
  ::tcsetattr(STDIN_FILENO, TCSANOW, &found_mode);
}

}  // namespace pangu::app
