// SPDX-License-Identifier: Apache-2.0
// Writing to standard output, whose failures count, and to standard error, whose failures do not.
// What reaches a terminal has its control characters as escapes, because files and models may hold
// any.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "io/json.h"

namespace pangu::app {

/// Whoever reads standard output has seen enough (`pangu ... | head -1`): the program ends, quietly
/// and with success.
struct OutputClosed {};

/// Makes a closed pipe an error of write() instead of a signal, and keeps files from being opened
/// under the numbers of standard streams that the caller closed.
void prepare_standard_streams();

/// Writes all of it, unbuffered: as it is into a file or pipe; on a terminal control characters but
/// newlines and tabs become escapes. Throws OutputClosed, or FileError with the system's reason.
void print(std::string_view text);

/// Writes a control sequence of the program's own to standard output.
void print_control(std::string_view sequence);

/// Prints one JSON object and a newline. Text that is no valid UTF-8 is replaced by U+FFFD.
void print_json(const Json& json);

/// What a command reads; empty paths are none.
struct Inputs {
  std::vector<std::filesystem::path> files, models;
};

/// Refuses a file that cannot be written, or that is one of the inputs or of the files of a model
/// among them, before anything is computed; an empty path is none. Throws as AtomicFile does.
void check_output(const std::filesystem::path& path, const Inputs& inputs);

/// Refuses to replace a file that is there unless that was asked for; devices and pipes are let be.
void refuse_existing(const std::filesystem::path& file, bool force);

/// Writes to standard error as far as that is possible, control characters but newlines and tabs as
/// escapes.
void note(std::string_view text);

/// Writes a control sequence of the program's own to standard error.
void note_control(std::string_view sequence);

/// Whether someone is looking at standard output or standard error.
bool is_terminal_stdout();
bool is_terminal_stderr();

}  // namespace pangu::app
