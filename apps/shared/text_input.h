// SPDX-License-Identifier: Apache-2.0
// Texts and ids from the command line and from standard input.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pangu/token.h"

namespace pangu::app {

/// Whether someone types: standard input is a terminal.
bool is_terminal_stdin();

/// All of standard input, without one line end at its end (as the shell's $(...) does). Logs a
/// warning where nothing comes for some seconds. Throws InputError past 64 MiB, FileError if it
/// cannot be read.
std::string read_stdin();

/// "1,2,3", blanks allowed. Throws UsageError naming the part that is no id.
std::vector<TokenId> parse_ids(std::string_view text);

}  // namespace pangu::app
