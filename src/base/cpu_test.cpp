// SPDX-License-Identifier: Apache-2.0
#include "base/cpu.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <thread>

#include "tests/support/support.h"

namespace pangu {
namespace {

TEST(Cpu, SetsOfFeaturesAreComparedByWhatTheyHave) {
  EXPECT_TRUE(Isa::kAvx512.has(Isa::kAvx2));
  EXPECT_TRUE(Isa::kAvx2.has(Isa::kRef));
  EXPECT_FALSE(Isa::kAvx2.has(Isa::kAvx512));
  // A processor need not have all of what another has: neither of these runs the other's kernels.
  const Isa only_vnni = Isa::kAvx2 | CpuFeature::kVnni512,
            only_bf16 = Isa::kAvx2 | CpuFeature::kBf16512;
  EXPECT_FALSE(only_vnni.has(only_bf16));
  EXPECT_FALSE(only_bf16.has(only_vnni));
  EXPECT_TRUE((only_vnni | CpuFeature::kBf16512).has(only_bf16));
  EXPECT_EQ(Isa::kAvx512Vnni, Isa::kAvx512 | CpuFeature::kVnni512);
}

TEST(Cpu, EverySetHasAName) {
  std::set<std::string_view> names;
  for (const Isa isa : known_isas()) names.insert(name(isa));
  EXPECT_EQ(names.size(), known_isas().size());
}

TEST(Cpu, LevelsAreOrderedAndStartWithTheReference) {
  const auto isas = supported_isas();
  ASSERT_FALSE(isas.empty());
  EXPECT_EQ(isas.front(), Isa::kRef);
  EXPECT_EQ(isas.back(), detected_isa());
  for (const Isa isa : isas) EXPECT_EQ(require_isa(name(isa)), isa);
  EXPECT_EQ(require_isa("auto"), detected_isa());
}

TEST(Cpu, TheDefaultIsTheBestUnlessItIsSet) {
  EXPECT_EQ(default_isa(), detected_isa());
  set_default_isa(Isa::kRef);
  EXPECT_EQ(default_isa(), Isa::kRef);
  EXPECT_EQ(require_isa("auto"), Isa::kRef);
  set_default_isa(detected_isa());
}

TEST(Cpu, UnknownLevelsAreRefusedByName) {
  PANGU_EXPECT_ERROR(require_isa("sse9"), ConfigError, "sse9", "avx512bf16", "neon-dotprod");
}

TEST(Cpu, SetsOfAnotherFamilyAreRefused) {
#if defined(__aarch64__)
  EXPECT_EQ(supported_isas()[1], Isa::kNeon);
  PANGU_EXPECT_ERROR(require_isa("avx2"), Unsupported, "lacks avx2", "best it has is neon");
#else
  PANGU_EXPECT_ERROR(require_isa("neon"), Unsupported, "lacks neon", "--isa auto");
#endif
}

TEST(Cpu, NamesComeFromTheSystemsList) {
  const auto named = [](const char* cpuinfo) {
    std::istringstream in(cpuinfo);
    return cpu_name(in);
  };
  EXPECT_EQ(named("processor\t: 0\nmodel name\t: Some Processor 9\n"), "Some Processor 9");
  EXPECT_EQ(named("processor\t: 0\nCPU implementer\t: 0x48\nCPU part\t: 0xd01\n"), "Kunpeng 920");
  EXPECT_EQ(named("CPU implementer\t: 0x41\nCPU part\t: 0xfff\n"),
            "Arm processor (implementer 0x41, part 0xfff)");
  EXPECT_EQ(named(""), "unknown processor");
}

TEST(Cpu, DefaultThreadsStayWithinTheHardware) {
  EXPECT_GE(default_threads(), 1);
  EXPECT_LE(default_threads(), static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

}  // namespace
}  // namespace pangu
