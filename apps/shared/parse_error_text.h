// SPDX-License-Identifier: Apache-2.0
// What CLI11 has to say about wrong arguments, in our words: what was found, what was expected,
// what to do.
#pragma once

#include <CLI/App.hpp>
#include <string>

namespace pangu::app {

/// After a parse that failed for no unknown name. One or more sentences.
std::string parse_error_text(const CLI::App& app, const CLI::ParseError& error);

}  // namespace pangu::app
