// SPDX-License-Identifier: Apache-2.0
// What the program changes about the terminal, and how it is undone however the program ends.
#pragma once

#include <string_view>

#include "apps/run/line_editor.h"

namespace pangu::app {

/// While it lives, standard input gives bytes as they are typed, none of them shown, in place of
/// lines, of which the system keeps no more than 4095 bytes; and the terminal marks what is pasted.
/// Signals from the keyboard stay. One at a time; standard input must be a terminal.
class TerminalMode {
 public:
  TerminalMode();
  ~TerminalMode();
  TerminalMode(const TerminalMode&) = delete;
  TerminalMode& operator=(const TerminalMode&) = delete;

  /// The keys that this terminal has for editing.
  LineEditor::Keys keys() const;
  /// Shows text where it was typed, as far as that is possible.
  void show(std::string_view text) const;
};

/// Shows what follows on standard output dimly, or as usual.
void set_dim(bool dim);

/// Puts the terminal back into the state in which it was found. For the program's last moments: may
/// be called from any thread and from signal handlers, and more than once.
void restore_terminal() noexcept;

}  // namespace pangu::app
