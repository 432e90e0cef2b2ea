// SPDX-License-Identifier: Apache-2.0
#include "adaptive/task_kind.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "pangu/error.h"

namespace pangu::adaptive {
namespace {

TEST(TaskKind, EveryBuiltInKindIsFoundByItsNameAndDescribed) {
  std::set<std::string> names;
  for (const TaskKind& kind : built_in_kinds()) {
    EXPECT_EQ(find_built_in_kind(kind.name), &kind);
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_NO_THROW(require_kind_name(kind.name, "test"));
    EXPECT_NE(std::string(kind.en), "");
    EXPECT_NE(std::string(kind.zh), "");
  }
  EXPECT_EQ(names.size(), 8u);
  EXPECT_EQ(find_built_in_kind("poetry"), nullptr);
}

TEST(TaskKind, NamesThatNobodyCouldTypeAreRefused) {
  for (const char* name : {"a", "my-kind2", "abcdefghijklmnopqrstuvwxyzabcdef"}) {
    EXPECT_NO_THROW(require_kind_name(name, "test")) << name;
  }
  for (const char* name : {"", "Code", "2d", "-a", "a b", "a/b", "unknown", "数学",
                           "abcdefghijklmnopqrstuvwxyzabcdefg"}) {
    EXPECT_THROW(require_kind_name(name, "test"), ConfigError) << name;
  }
}

}  // namespace
}  // namespace pangu::adaptive
