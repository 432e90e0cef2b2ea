// SPDX-License-Identifier: Apache-2.0
// The calls of curl that docs/server.md shows.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace pangu::test {

struct DocExample {
  std::string path, body;  ///< without a body it is a GET
};

/// The calls of curl in a text, each from its line on to the end of its body.
inline std::vector<DocExample> doc_examples(const std::string& text) {
  constexpr std::string_view kCall = "    curl http://127.0.0.1:8080";
  std::vector<DocExample> out;
  for (auto at = text.find(kCall); at != std::string::npos; at = text.find(kCall, at + 1)) {
    const auto path = at + kCall.size();
    const auto line_end = text.find('\n', path);
    DocExample example{.path = text.substr(path, text.find_first_of(" \n", path) - path),
                       .body = {}};
    const auto quote = text.find('\'', path);
    if (quote < line_end) {
      const auto end = text.find('\'', quote + 1);
      EXPECT_NE(end, std::string::npos) << example.path;
      example.body = text.substr(quote + 1, end - quote - 1);
    }
    out.push_back(std::move(example));
  }
  return out;
}

}  // namespace pangu::test
