// SPDX-License-Identifier: Apache-2.0
#include "devices/cpu/cpu_device.h"

#include <algorithm>
#include <cstdint>

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

TEST(CpuDevice, RefusesMoreThanTheMachineHas) {
  PANGU_EXPECT_ERROR(cpu_device()->allocate(std::size_t{1} << 50), OutOfMemory, "GiB", "--ctx");
}

}  // namespace
}  // namespace pangu
