// SPDX-License-Identifier: Apache-2.0
// How much a template may ask for, and the one way its errors are worded.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string_view>
#include <utility>

#include "pangu/error.h"

namespace pangu::jinja {

/// Bounds on time, memory and stack for a template from an untrusted file.
struct Limits {
  std::size_t source_bytes = std::size_t{1} << 20;
  /// Depth of expressions, of blocks and of the values handed in.
  std::size_t nesting = 200;
  /// Evaluations inside one another, macro calls included. Bounds the C++ stack.
  std::size_t depth = 600;
  /// Work: evaluated nodes and compared or copied items, plus one for every 16 bytes written.
  std::size_t steps = 10'000'000;
  /// Length of the result and of any string on the way.
  std::size_t output_bytes = std::size_t{16} << 20;
  /// Items of one range(), and of one list made by repetition.
  std::size_t range_items = 100'000;
};

/// Throws E as "[chat template] <origin>, line <line>: <message>".
template <class E, class... Args>
[[noreturn]] void fail_at(std::string_view origin, int line, fmt::format_string<Args...> message,
                          Args&&... args) {
  throw E(fmt::format("[chat template] {}, line {}: {}", origin, line,
                      fmt::format(message, std::forward<Args>(args)...)));
}

}  // namespace pangu::jinja
