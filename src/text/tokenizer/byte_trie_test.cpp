// SPDX-License-Identifier: Apache-2.0
#include "text/tokenizer/byte_trie.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "tests/support/support.h"

namespace pangu::text {
namespace {

using Found = std::vector<std::pair<std::size_t, std::int32_t>>;

Found matches(const ByteTrie& trie, std::string_view text, std::size_t at) {
  Found found;
  trie.match(text, at,
             [&](std::size_t end, std::int32_t value) { found.emplace_back(end, value); });
  return found;
}

TEST(ByteTrie, FindsKeysShortestFirst) {
  const ByteTrie trie(
      std::vector<ByteTrie::Key>{{"ab", 0}, {"a", 1}, {"abcd", 2}, {"b", 3}, {"", 4}, {"b", 5}});
  EXPECT_EQ(matches(trie, "xabcx", 1), (Found{{2, 1}, {3, 0}}));
  EXPECT_EQ(matches(trie, "abcd", 0), (Found{{1, 1}, {2, 0}, {4, 2}}));
  EXPECT_EQ(matches(trie, "ab", 1), (Found{{2, 5}}));  // of equal keys the last
  EXPECT_EQ(matches(trie, "ab", 2), Found());
  EXPECT_EQ(matches(ByteTrie(), "a", 0), Found());
}

TEST(ByteTrie, FindsWhatAMapFinds) {
  std::mt19937_64 random(test::seed());
  const auto word = [&](std::size_t longest) {
    std::string out(1 + random() % longest, '\0');
    for (char& c : out) c = "ab\xFF"[random() % 3];
    return out;
  };
  for (int round = 0; round < 50; ++round) {
    std::map<std::string, std::int32_t> all;
    for (int i = 0; i < 40; ++i) all[word(5)] = i;
    const ByteTrie trie(std::vector<ByteTrie::Key>(all.begin(), all.end()));
    const std::string text = word(30);
    for (std::size_t at = 0; at <= text.size(); ++at) {
      Found want;
      for (std::size_t end = at + 1; end <= text.size(); ++end) {
        const auto it = all.find(text.substr(at, end - at));
        if (it != all.end()) want.emplace_back(end, it->second);
      }
      ASSERT_EQ(matches(trie, text, at), want);
    }
  }
}

}  // namespace
}  // namespace pangu::text
