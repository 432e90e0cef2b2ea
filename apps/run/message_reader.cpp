// SPDX-License-Identifier: Apache-2.0
#include "apps/run/message_reader.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <iostream>
#include <utility>

#include "apps/shared/output.h"
#include "apps/shared/text_input.h"
#include "base/unix_text.h"

namespace pangu::app {
namespace {

/// What there is to read, at least a byte; empty at the end of the input.
std::string read_available() {
  std::array<char, 4096> bytes;
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    return {bytes.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
  }
}

}  // namespace

MessageReader::MessageReader(Interrupts& interrupts) : interrupts_(interrupts), typed_(false) {
  if (!is_terminal_stdin()) return;
  mode_.emplace();
  editor_ = LineEditor(mode_->keys());
  typed_ = is_terminal_stderr();
}

bool MessageReader::next(std::string& message) {
  const std::string prompt = typed_ ? "> " : "";
  // Before the prompt is seen: who answers it with Ctrl-C must get the hint.
  interrupts_.begin_prompt("\nCtrl-C again, Ctrl-D or /exit ends the conversation.\n" + prompt);
  note(prompt);
  const bool got = mode_ ? read_typed(message) : read_line(message);
  interrupts_.work();
  if (!got && typed_) note("\n");
  return got;
}

bool MessageReader::read_typed(std::string& message) {
  bool hinted = false;
  for (;;) {
    if (ahead_.empty()) ahead_ = read_available();
    if (ahead_.empty()) return false;
    // Ctrl-C forgets what was begun, as a terminal's own lines do.
    if (interrupts_.hinted() && !std::exchange(hinted, true)) editor_.message();
    std::string echo;
    auto event = LineEditor::Event::kMore;
    std::size_t taken = 0;
    while (taken < ahead_.size() && event == LineEditor::Event::kMore) {
      event = editor_.take(ahead_[taken++], echo);
    }
    ahead_.erase(0, taken);
    mode_->show(echo);
    if (event == LineEditor::Event::kEnd) return false;
    if (event == LineEditor::Event::kMessage) {
      message = editor_.message();
      return true;
    }
  }
}

bool MessageReader::read_line(std::string& message) {
  if (!std::getline(std::cin, message)) return false;
  if (message.ends_with('\r')) message.pop_back();
  if (std::exchange(first_line_, false)) message = unix_text(message);
  return true;
}

std::string read_terminal_text() {
  const TerminalMode mode;
  LineEditor editor(mode.keys());
  std::string text;
  for (std::string bytes = read_available(); !bytes.empty(); bytes = read_available()) {
    std::string echo;
    for (const char byte : bytes) {
      const auto event = editor.take(byte, echo);
      if (event == LineEditor::Event::kEnd) return text;
      if (event == LineEditor::Event::kMessage) text += editor.message() + "\n";
    }
    mode.show(echo);
  }
  return text + editor.message();
}

}  // namespace pangu::app
