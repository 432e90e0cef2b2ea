// SPDX-License-Identifier: Apache-2.0
// Python's textwrap.wrap(), which the filter `wordwrap` uses.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace pangu::jinja {

struct WrapOptions {
  std::size_t width;  ///< characters of a line; not 0
  bool breaks_long_words = true;
  bool breaks_on_hyphens = true;
};

/// The lines of a text, as views of it; blanks at their ends are dropped.
std::vector<std::string_view> wrap_words(std::string_view text, const WrapOptions& options);

}  // namespace pangu::jinja
