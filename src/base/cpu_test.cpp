// SPDX-License-Identifier: Apache-2.0
#include "base/cpu.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/support/support.h"

namespace pangu {
namespace {

TEST(Cpu, LevelsAreOrderedAndStartWithTheReference) {
  const auto isas = supported_isas();
  ASSERT_FALSE(isas.empty());
  EXPECT_EQ(isas.front(), Isa::kRef);
  EXPECT_EQ(isas.back(), detected_isa());
  for (const Isa isa : isas) EXPECT_EQ(require_isa(name(isa)), isa);
  EXPECT_EQ(require_isa("auto"), detected_isa());
}

TEST(Cpu, UnknownLevelsAreRefusedByName) {
  PANGU_EXPECT_ERROR(require_isa("sse9"), ConfigError, "sse9", "avx512bf16");
}

TEST(Cpu, DefaultThreadsStayWithinTheHardware) {
  EXPECT_GE(default_threads(), 1);
  EXPECT_LE(default_threads(), static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

}  // namespace
}  // namespace pangu
