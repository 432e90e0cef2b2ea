// SPDX-License-Identifier: Apache-2.0
// Throwing with a formatted message, and checks of our own logic.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "pangu/error.h"

namespace pangu {

/// Throws E with a formatted message: `if (n == 0) fail<ShapeError>("[rope] ...", n);`
template <class E, class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> message, Args&&... args) {
  throw E(fmt::format(message, std::forward<Args>(args)...));
}

}  // namespace pangu

/// Guards our own logic, in debug builds only; no outside input may make it false.
#ifdef NDEBUG
#define PANGU_DCHECK(condition) static_cast<void>(sizeof(condition))
#else
#define PANGU_DCHECK(condition)                                                                 \
  do {                                                                                          \
    if (!(condition)) {                                                                         \
      fmt::print(stderr, "{}:{}: internal check failed: {}\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                             \
    }                                                                                           \
  } while (false)
#endif
