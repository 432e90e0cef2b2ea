// SPDX-License-Identifier: Apache-2.0
// Texts as lines.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace pangu::eval {

/// The lines of a text, each with its line feed, which the last one may lack.
inline std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

}  // namespace pangu::eval
