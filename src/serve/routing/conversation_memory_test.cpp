// SPDX-License-Identifier: Apache-2.0
#include "serve/routing/conversation_memory.h"

#include <gtest/gtest.h>

#include <set>

namespace pangu::serve {
namespace {

std::vector<Message> turns(const std::vector<std::string>& texts) {
  std::vector<Message> out;
  for (const std::string& text : texts) {
    out.push_back({.role = out.size() % 2 == 0 ? "user" : "assistant", .content = text});
  }
  return out;
}

std::vector<std::uint64_t> keys(const std::vector<std::string>& texts,
                                const std::string& client = "c") {
  return conversation_keys(client, turns(texts));
}

adaptive::Running on(const std::string& weights) {
  return {.kind = "math", .weights = weights, .kv = {}, .tokens = 0};
}

TEST(ConversationMemory, KnowsAConversationByWhatWasAnswered) {
  ConversationMemory memory(10);
  EXPECT_FALSE(memory.find(keys({"a"})));
  memory.put(keys({"a"}).back(), on("small"));
  memory.set_tokens(keys({"a"}).back(), 7);
  EXPECT_FALSE(memory.find(keys({"a"}))) << "the same question again is a new conversation";
  const auto found = memory.find(keys({"a", "b", "c"}));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->weights, "small");
  EXPECT_EQ(found->tokens, 7);
  EXPECT_FALSE(memory.find(keys({"x", "b", "c"})));
  EXPECT_FALSE(memory.find(keys({"a", "b", "c"}, "another client")));
  memory.put(keys({"a", "b", "c"}).back(), on("large"));
  EXPECT_EQ(memory.find(keys({"a", "b", "c", "d", "e"}))->weights, "large");
  EXPECT_EQ(memory.find(keys({"a", "other", "c", "d", "e"}))->weights, "small") << "a branch";
  EXPECT_EQ(memory.find(keys({"a", "b", "other"}))->weights, "small");
}

TEST(ConversationMemory, WhereTextsBeginCounts) {
  std::set<std::uint64_t> all;
  for (const auto& texts : {std::vector<std::string>{"ab", "c", "d"},
                            {"a", "bc", "d"},
                            {"a", "b", "cd"},
                            {"", "", ""},
                            {"", "", "d"}}) {
    all.insert(keys(texts).back());
  }
  EXPECT_EQ(all.size(), 5u);
}

TEST(ConversationMemory, ForgetsWhatWasNotUsedForLongest) {
  ConversationMemory memory(2);
  memory.put(1, on("1"));
  memory.put(2, on("2"));
  const auto is_known = [&](std::uint64_t key) {
    const std::uint64_t keys[] = {key, 99};
    return memory.find(keys).has_value();
  };
  EXPECT_TRUE(is_known(1));
  memory.put(3, on("3"));
  EXPECT_TRUE(is_known(1));
  EXPECT_FALSE(is_known(2));
  memory.put(1, on("again"));
  memory.set_tokens(2, 5);
  EXPECT_TRUE(is_known(3));
}

}  // namespace
}  // namespace pangu::serve
