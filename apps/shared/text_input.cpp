// SPDX-License-Identifier: Apache-2.0
#include "apps/shared/text_input.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "apps/run/message_reader.h"
#include "apps/shared/commands.h"
#include "base/clipped.h"
#include "base/error.h"
#include "base/log.h"
#include "io/json.h"

namespace pangu::app {

bool is_terminal_stdin() {
  return ::isatty(STDIN_FILENO) == 1;
}

namespace {

/// Says so once if nothing comes for a while: a script may have left standard input open.
void await_stdin() {
  constexpr int kPatienceMs = 3000;
  pollfd ready{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  if (::poll(&ready, 1, kPatienceMs) != 0) return;
  log::warning(
      "[input] standard input is open, but nothing comes. Its text is waited for; where there is "
      "none, add < /dev/null.");
}

std::string read_to_end() {
  constexpr std::size_t kMaxBytes = std::size_t{64} << 20;
  std::string text;
  std::array<char, 65536> piece;
  for (;;) {
    const ssize_t n = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      fail<FileError>("[input] standard input cannot be read: {}. Give the text as an argument.",
                      std::strerror(errno));
    }
    if (n == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(n));
    if (text.size() > kMaxBytes) {
      fail<InputError>(
          "[input] standard input has more than {} bytes, which no context holds. Give less text.",
          kMaxBytes);
    }
  }
  return text;
}

}  // namespace

std::string read_stdin() {
  const bool typed = is_terminal_stdin();
  if (!typed) await_stdin();
  std::string text = typed ? read_terminal_text() : read_to_end();
  const std::string_view end = text.ends_with("\r\n") ? "\r\n" : "\n";
  if (text.ends_with(end)) text.resize(text.size() - end.size());
  return text;
}

std::vector<TokenId> parse_ids(std::string_view text) {
  std::vector<TokenId> ids;
  const auto skip_blanks = [&] {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\n"), text.size()));
  };
  for (skip_blanks(); !text.empty();) {
    TokenId id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || id < 0) {
      throw UsageError(
          fmt::format("--ids: '{}' does not begin with a token id. Expected numbers as in 1,2,3.",
                      clipped(text, 20)));
    }
    ids.push_back(id);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    skip_blanks();
    if (text.empty()) break;
    if (!text.starts_with(',')) {
      throw UsageError(
          fmt::format("--ids: a comma was expected before '{}', as in 1,2,3.", clipped(text, 20)));
    }
    text.remove_prefix(1);
    skip_blanks();
    if (text.empty()) throw UsageError("--ids: an id was expected after the last comma.");
  }
  return ids;
}

}  // namespace pangu::app
