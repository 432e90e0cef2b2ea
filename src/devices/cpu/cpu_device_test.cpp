// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/cpu_device.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>

#include "tests/support/support.h"

namespace pangu {
namespace {

TEST(CpuDevice, MemoryIsZeroedAndAligned) {
  const auto device = cpu_device();
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{1}, std::size_t{4097}, (std::size_t{1} << 20) - 1,
        std::size_t{1} << 20, (std::size_t{5} << 20) + 3}) {
    auto* data = static_cast<unsigned char*>(device->allocate(bytes));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % 64, 0u);
    EXPECT_TRUE(std::all_of(data, data + bytes, [](unsigned char c) { return c == 0; }));
    std::fill(data, data + bytes, 0xAB);
    device->deallocate(data, bytes);
  }
}

/// What the system says of the mapping that begins at `address`: the line VmFlags.
std::string flags_of(const void* address) {
  std::ifstream in("/proc/self/smaps");
  const std::string begin = fmt::format("{:x}-", reinterpret_cast<std::uintptr_t>(address));
  bool is_here = false;
  for (std::string line; std::getline(in, line);) {
    is_here = is_here || line.starts_with(begin);
    if (is_here && line.starts_with("VmFlags:")) return line + " ";
  }
  return "";
}

TEST(CpuDevice, PagesBetweenNodesAreSmall) {
  PANGU_NEEDS_NO_EMULATOR("it keeps mappings of its own");
  constexpr std::size_t kHuge = std::size_t{2} << 20, kBytes = 4 * kHuge + 5000;
  const auto device = cpu_device();
  auto* const data = static_cast<std::byte*>(device->allocate(kBytes));
  if (flags_of(data).empty()) GTEST_SKIP() << "the system tells nothing of mappings";
  for (const std::size_t at : {std::size_t{0}, kHuge, kBytes, 2 * kBytes}) {
    device->split_pages(data, kBytes, at);
    EXPECT_EQ(flags_of(data).find(" nh "), std::string::npos) << "nothing to split at " << at;
  }
  device->split_pages(data, kBytes, 2 * kHuge + 77);
  EXPECT_EQ(flags_of(data).find(" nh "), std::string::npos);
  EXPECT_NE(flags_of(data + 2 * kHuge).find(" nh "), std::string::npos);
  EXPECT_EQ(flags_of(data + 3 * kHuge).find(" nh "), std::string::npos);
  device->split_pages(data, kBytes, 4 * kHuge + 1);  // the last page is no whole one
  EXPECT_NE(flags_of(data + 4 * kHuge).find(" nh "), std::string::npos);
  device->deallocate(data, kBytes);
  EXPECT_EQ(flags_of(data), "");

  auto* const small = device->allocate(100);
  device->split_pages(small, 100, 50);
  device->deallocate(small, 100);
}

TEST(CpuDevice, RefusesMoreThanTheMachineHas) {
  PANGU_EXPECT_ERROR(cpu_device()->allocate(std::size_t{1} << 50), OutOfMemory, "GiB", "--ctx");
}

}  // namespace
}  // namespace pangu
