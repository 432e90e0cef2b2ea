// SPDX-License-Identifier: Apache-2.0
// Entry point of every test program. PANGU_TEST_SEED replays a failure of a randomized test.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/support/support.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  std::printf("random seed %llu (set PANGU_TEST_SEED to replay)\n",
              static_cast<unsigned long long>(pangu::test::seed()));
  return RUN_ALL_TESTS();
}
