// SPDX-License-Identifier: Apache-2.0
// What a command line has that nothing knows.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace pangu::app {

/// After a parse that failed: the command or options that are not known, in the order given, each
/// with the name that is nearest; else arguments that are too many. Empty if there are none.
std::string unknown_arguments(const CLI::App& app);

/// The same of the command alone.
std::string unknown_command(const CLI::App& app);

}  // namespace pangu::app
