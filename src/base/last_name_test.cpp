// SPDX-License-Identifier: Apache-2.0
#include "base/last_name.h"

#include <gtest/gtest.h>

namespace pangu {
namespace {

TEST(LastName, IsThatOfTheFileOrFolder) {
  EXPECT_EQ(last_name("/models/a"), "a");
  EXPECT_EQ(last_name("models/a.gguf"), "a.gguf");
  EXPECT_EQ(last_name("a//"), "a");
  EXPECT_EQ(last_name("a/b/.."), "a");
  EXPECT_EQ(last_name("."), std::filesystem::current_path().filename().string());
  EXPECT_EQ(last_name("/"), "");
}

TEST(LastName, IsAlwaysUtf8) {
  EXPECT_EQ(last_name("x/modèle"), "modèle");
  EXPECT_EQ(last_name("x/a\xff"
                      "b/"),
            "a\uFFFDb");
}

}  // namespace
}  // namespace pangu
