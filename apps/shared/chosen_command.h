// SPDX-License-Identifier: Apache-2.0
// Which command a command line names, where commands have commands of their own.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace pangu::app {

/// The innermost command that was parsed; the program itself where there is none.
const CLI::App& chosen_command(const CLI::App& app);

/// "pangu", "pangu eval", "pangu intent train".
std::string command_path(const CLI::App& command);

}  // namespace pangu::app
