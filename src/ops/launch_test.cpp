// SPDX-License-Identifier: Apache-2.0
#include "ops/launch.h"

#include <algorithm>

#include "devices/cpu/cpu_device.h"
#include "devices/testing/guarded_device.h"
#include "ops/add.h"
#include "ops/host.h"
#include "ops/softmax.h"
#include "tests/support/captured_log.h"
#include "tests/support/support.h"
#include "tests/support/tensors.h"

namespace pangu::ops {
namespace {

class Launch : public ::testing::Test {
 protected:
  static Context context(std::shared_ptr<Device> device) {
    return Context({.threads = 2, .isa = Isa::kRef, .dtype = DType::kF32, .device = device});
  }
  static std::int64_t warnings_of(const test::CapturedLog& log, std::string_view words) {
    return std::ranges::count_if(log.warnings(),
                                 [&](const std::string& w) { return w.find(words) != w.npos; });
  }
  Tensor numbers(Shape shape, Context& ctx) {
    return test::normal_tensor(shape, 1, rng_, normal_, ctx);
  }

  std::mt19937_64 rng_{test::seed()};
  std::normal_distribution<float> normal_;
};

TEST_F(Launch, WhatADeviceLacksTheCpuRunsAndTheLogNamesItOnce) {
  OpTable table = test::guarded_ops();
  table.softmax = nullptr;
  table.add_rows = nullptr;
  Context without = context(test::make_guarded_device(table));
  Context cpu = context(cpu_device());
  const test::CapturedLog log;
  const Tensor all = numbers({5, 12}, without), x = all.columns(3, 7);
  const Tensor on_cpu = all.copy_to(cpu_device()).columns(3, 7);
  EXPECT_EQ(test::values_of(softmax(x, without)), test::values_of(softmax(on_cpu, cpu)));
  softmax(x, without);
  EXPECT_EQ(warnings_of(log, "the device has no softmax; the CPU runs it"), 1);
  // Into the columns of a larger tensor: what is between them stays.
  const Tensor onto = numbers({5, 9}, without), before = to_host(onto);
  add_rows(x, onto.columns(1, 7), false, without);
  const std::vector<float> got = test::values_of(onto);
  for (std::size_t r = 0; r < 5; ++r) {
    EXPECT_EQ(got[r * 9], before.data<float>()[r * 9]);
    EXPECT_EQ(got[r * 9 + 8], before.data<float>()[r * 9 + 8]);
    EXPECT_EQ(got[r * 9 + 1], on_cpu.data<float>()[int64_t(r) * 12]);
  }
  EXPECT_EQ(warnings_of(log, "the device has no add_rows"), 1);
}

TEST_F(Launch, TensorsOfAnotherDeviceAreRefused) {
  Context cpu = context(cpu_device()), guarded = context(test::make_guarded_device());
  PANGU_EXPECT_ERROR(softmax(numbers({2, 3}, cpu), guarded), ShapeError, "[softmax]", "cpu",
                     "guarded");
  PANGU_EXPECT_ERROR(add(numbers({2, 3}, guarded), numbers({2, 3}, guarded), cpu), ShapeError,
                     "[add_rows]", "guarded", "cpu");
}

TEST_F(Launch, MirrorsCarryValuesBothWays) {
  for (const auto& device : {cpu_device(), test::make_guarded_device()}) {
    Context ctx = context(device);
    const Mirror m(ctx.zeros({4}, DType::kF32));
    EXPECT_EQ(m.values()[3], 0);
    m.values()[3] = 5;
    m.upload();
    EXPECT_EQ(test::values_of(m.on_device())[3], 5);
    copy_from_host(m.on_device(), std::vector<float>{1, 2, 3, 4});
    m.download();
    EXPECT_EQ(m.values()[1], 2);
    PANGU_EXPECT_ERROR(copy_from_host(m.on_device(), std::vector<float>{1}), ShapeError, "1 f32",
                       "[4]");
  }
}

}  // namespace
}  // namespace pangu::ops
