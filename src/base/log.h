// SPDX-License-Identifier: Apache-2.0
// Log messages go to a sink that the application sets; without one they are dropped, because a
// library does not print.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string_view>
#include <utility>

namespace pangu::log {

enum class Level { kDebug, kInfo, kWarning, kError };

using Sink = std::function<void(Level, std::string_view message)>;

/// Replaces the sink for the whole process; an empty one silences the library.
void set_sink(Sink sink);

/// Passes one finished message to the sink. Safe to call from any thread.
void write(Level level, std::string_view message);

template <class... Args>
void debug(fmt::format_string<Args...> message, Args&&... args) {
  write(Level::kDebug, fmt::format(message, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> message, Args&&... args) {
  write(Level::kInfo, fmt::format(message, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> message, Args&&... args) {
  write(Level::kWarning, fmt::format(message, std::forward<Args>(args)...));
}

}  // namespace pangu::log
