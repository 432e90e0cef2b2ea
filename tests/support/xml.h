// SPDX-License-Identifier: Apache-2.0
// Whether a picture is well-formed XML without numbers that are none.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <stack>
#include <string>

namespace pangu::test {

/// Every element is closed in order, attributes are quoted, text holds no bare < or &.
inline void expect_well_formed(const std::string& xml) {
  std::stack<std::string> open;
  for (std::size_t at = 0; at < xml.size();) {
    if (xml[at] == '&') {
      const std::size_t end = xml.find(';', at);
      ASSERT_LT(end - at, 7u) << xml.substr(at, 20);
    }
    if (xml[at] != '<') {
      ++at;
      continue;
    }
    const std::size_t end = xml.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = xml.substr(at + 1, end - at - 1);
    ASSERT_EQ(std::count(tag.begin(), tag.end(), '"') % 2, 0) << tag;
    ASSERT_EQ(tag.find('<'), std::string::npos) << tag;
    const std::string name = tag.substr(0, tag.find_first_of(" /", 1));
    if (tag.front() == '/') {
      ASSERT_FALSE(open.empty());
      ASSERT_EQ("/" + open.top(), tag);
      open.pop();
    } else if (tag.back() != '/') {
      open.push(name);
    }
    at = end + 1;
  }
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(xml.find("nan"), std::string::npos);
  EXPECT_EQ(xml.find("inf"), std::string::npos);
}

}  // namespace pangu::test
