// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/error.h"
#include "base/escaped.h"
#include "io/atomic_file.h"
#include "models/file_of_model.h"

namespace pangu::app {
namespace {

/// Control characters that text on a terminal may have.
constexpr std::string_view kLayout = "\n\t";

/// Returns 0, or the error that stopped the writing.
int write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

}  // namespace

void prepare_standard_streams() {
  std::signal(SIGPIPE, SIG_IGN);
  // open() gives the lowest free number, so this fills 0, 1 and 2 where they are missing. Writing
  // to a descriptor that is open for reading fails, as writing to a closed one should.
  int fd = 0;
  do {
    fd = ::open("/dev/null", O_RDONLY);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO) ::close(fd);
}

void print(std::string_view text) {
  if (is_terminal_stdout()) return print_control(escaped(text, kLayout));
  print_control(text);
}

void print_control(std::string_view sequence) {
  const int error = write_all(STDOUT_FILENO, sequence);
  if (error == EPIPE) throw OutputClosed();
  if (error != 0) {
    fail<FileError>("[output] standard output cannot be written: {}. Where does it lead?",
                    std::strerror(error));
  }
}

void print_json(const Json& json) {
  print(json_text(json) + "\n");
}

void check_output(const std::filesystem::path& path, const Inputs& inputs) {
  if (path.empty()) return;
  for (const std::filesystem::path& input : inputs.files) {
    if (input.empty() || !is_same_file(path, input)) continue;
    fail<FileError>(
        "[output] {} is named for something else, too, which would be lost. Choose another file.",
        path.string());
  }
  for (const std::filesystem::path& model : inputs.models) {
    if (model.empty() || !is_file_of_model(path, model)) continue;
    fail<FileError>(
        "[output] {} belongs to the model {} that is read, which would be lost. Choose another "
        "file, outside the model's folder.",
        path.string(), model.string());
  }
  const auto status = std::filesystem::status(path);
  // Opening a pipe or device for a moment would be noticed at its other end.
  if (std::filesystem::exists(status) && std::filesystem::is_other(status)) return;
  AtomicFile probe(path);
}

void refuse_existing(const std::filesystem::path& file, bool force) {
  // Of a link that leads nowhere, too: it would be replaced.
  const auto link = std::filesystem::symlink_status(file);
  const bool is_there = std::filesystem::is_regular_file(file) ||
                        (std::filesystem::is_symlink(link) && !std::filesystem::exists(file));
  if (std::filesystem::is_fifo(link)) {
    fail<FileError>("[output] {} is a pipe, which nobody may read; a file was expected.",
                    file.string());
  }
  if (force || !is_there) return;
  fail<FileError>("[output] {} exists already. Choose another name, or add --force to replace it.",
                  file.string());
}

void note(std::string_view text) {
  note_control(escaped(text, kLayout));
}

void note_control(std::string_view sequence) {
  write_all(STDERR_FILENO, sequence);
}

bool is_terminal_stdout() {
  return ::isatty(STDOUT_FILENO) == 1;
}

bool is_terminal_stderr() {
  return ::isatty(STDERR_FILENO) == 1;
}

}  // namespace pangu::app
