// SPDX-License-Identifier: Apache-2.0
#include "adaptive/choose/objective.h"

#include <gtest/gtest.h>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

TEST(Objective, NamesAreReadAsTheyAreWritten) {
  ASSERT_EQ(objectives().size(), 4);
  for (const Objective o : objectives()) EXPECT_EQ(parse_objective(name(o)), o);
  EXPECT_EQ(name(Objective::kBalanced), "balanced");
}

TEST(Objective, OtherNamesAreErrorsThatListThem) {
  for (const char* other : {"", "Latency", "latency ", "speed"}) {
    PANGU_EXPECT_ERROR(parse_objective(other), ConfigError, other, "is no objective",
                       "latency, throughput, memory or balanced");
  }
  try {
    parse_objective(std::string(100'000, 'x'));
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_LT(std::string(error.what()).size(), 1000);
  }
}

}  // namespace
}  // namespace pangu::adaptive
