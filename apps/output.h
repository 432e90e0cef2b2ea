// SPDX-License-Identifier: Apache-2.0
// Writing to standard output, whose failures count, and to standard error, whose failures do not.
#pragma once

#include <filesystem>
#include <string_view>

#include "io/json.h"

namespace pangu::app {

/// Whoever reads standard output has seen enough (`pangu ... | head -1`): the program ends, quietly
/// and with success.
struct OutputClosed {};

/// Makes a closed pipe an error of write() instead of a signal, and keeps files from being opened
/// under the numbers of standard streams that the caller closed.
void prepare_standard_streams();

/// Writes all of it, unbuffered. Throws OutputClosed, or FileError with the system's reason.
void print(std::string_view text);

/// Prints one JSON object and a newline. Text that is no valid UTF-8 is replaced by U+FFFD.
void print_json(const Json& json);

/// Refuses a file that cannot be written, before anything is computed; an empty path is none.
/// Throws as AtomicFile does.
void check_output(const std::filesystem::path& path);

/// Writes to standard error as far as that is possible.
void note(std::string_view text);

/// Whether someone is looking at standard error.
bool is_terminal_stderr();

}  // namespace pangu::app
