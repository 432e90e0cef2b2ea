// SPDX-License-Identifier: Apache-2.0
// A command as it was typed, for files that say how a model was made and for what goes on with it.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <string_view>

namespace pangu::app {

/// The type that options and positionals have whose values are paths.
inline constexpr const char* kPathType = "PATH";

/// "pangu COMMAND" with the options that decide about the result, and what was given for them;
/// with `short_paths` as a README.md shows it: of absolute paths, which say where somebody keeps
/// files, the last name alone. --resume is left out.
std::string command_text(const CLI::App& command, bool short_paths);

}  // namespace pangu::app
