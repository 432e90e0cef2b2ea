// SPDX-License-Identifier: Apache-2.0
// Where the messages of a conversation come from: a terminal, or the lines of a file or pipe.
#pragma once

#include <optional>
#include <string>

#include "apps/run/line_editor.h"
#include "apps/shared/interrupt.h"
#include "apps/shared/terminal_mode.h"

namespace pangu::app {

/// Make it before long work, so that nothing typed meanwhile is lost.
class MessageReader {
 public:
  /// Takes over the terminal if standard input is one.
  explicit MessageReader(Interrupts& interrupts);

  /// Whether somebody types and sees what is asked.
  bool is_typed() const { return typed_; }
  /// The next message, without the end of its line; false at the end of the input. From a terminal
  /// it may have several lines, if they were pasted.
  bool next(std::string& message);

 private:
  bool read_typed(std::string& message);
  bool read_line(std::string& message);

  Interrupts& interrupts_;
  std::optional<TerminalMode> mode_;  ///< if standard input is a terminal
  bool typed_;
  LineEditor editor_;
  std::string ahead_;  ///< bytes that were read past the end of a message
  bool first_line_ = true;
};

/// All that is typed until the end of the input, lines with their ends.
std::string read_terminal_text();

}  // namespace pangu::app
