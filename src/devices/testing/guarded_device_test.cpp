// SPDX-License-Identifier: Apache-2.0
#include "devices/testing/guarded_device.h"

#include <algorithm>
#include <cstring>

#include "devices/cpu/cpu_device.h"
#include "tests/support/support.h"

namespace pangu::test {
namespace {

TEST(OpTableTest, BothDevicesHaveEveryOpAndMissingOnesHaveNames) {
  EXPECT_TRUE(missing_ops(cpu_device()->ops()).empty());
  EXPECT_TRUE(missing_ops(guarded_ops()).empty());
  EXPECT_EQ(missing_ops(OpTable{}), op_names());
  OpTable table = guarded_ops();
  table.softmax = nullptr;
  EXPECT_EQ(missing_ops(table), std::vector<std::string_view>{"softmax"});
  EXPECT_EQ(op_name(&OpTable::softmax), "softmax");
  EXPECT_EQ(op_name(&OpTable::rms_norm), "rms_norm");
}

TEST(GuardedDevice, RunsItsOwnFunctionsAndCopiesInAndOut) {
  const auto device = make_guarded_device();
  const auto buffer = allocate_buffer(device, 64);
  float values[16] = {1, 2, 3};
  device->copy_from_host(buffer->address(), values, sizeof(values));
  ThreadPool threads(2);
  auto* const x = reinterpret_cast<float*>(buffer->address());
  device->ops().add_rows(
      {.x = x, .x_stride = 0, .y = x + 8, .y_stride = 0, .accumulate = true, .rows = 1, .n = 8},
      {threads, detected_isa()});
  device->copy_to_host(values, buffer->address(), sizeof(values));
  EXPECT_EQ(values[8 + 2], 3);
  device->fill_zero(buffer->address(), sizeof(float));
  device->copy_to_host(values, buffer->address(), sizeof(float));
  EXPECT_EQ(values[0], 0);
  const auto calls = guarded_calls();
  EXPECT_GE(std::ranges::find(calls, "add_rows", &decltype(calls)::value_type::first)->second, 1);
}

TEST(GuardedDevice, MemoryIsZeroedAlsoWhenItWasUsedBefore) {
  const auto device = make_guarded_device();
  for (int round = 0; round < 2; ++round) {
    const auto buffer = allocate_buffer(device, 100);
    char bytes[100];
    device->copy_to_host(bytes, buffer->address(), 100);
    EXPECT_TRUE(std::ranges::all_of(bytes, [](char c) { return c == 0; }));
    std::memset(bytes, 7, 100);
    device->copy_from_host(buffer->address(), bytes, 100);
  }
}

TEST(GuardedDeviceDeathTest, TheHostIsKilledWhereItReadsOrWrites) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto buffer = allocate_buffer(make_guarded_device(), 64);
  EXPECT_DEATH(std::printf("%d", static_cast<int>(*buffer->address())), "");
  EXPECT_DEATH(std::memset(buffer->address(), 1, 8), "");
}

}  // namespace
}  // namespace pangu::test
