// SPDX-License-Identifier: Apache-2.0
#include "tensor/tensor.h"

#include <cstdlib>
#include <cstring>

#include "tests/support/support.h"

namespace pangu {
namespace {

/// Counts what is allocated, so that reuse and release can be seen.
class CountingDevice : public Device {
 public:
  DeviceKind kind() const override { return DeviceKind::kCpu; }
  std::string description() const override { return "counting"; }
  void* allocate(std::size_t bytes) override {
    ++live, ++total;
    return std::calloc(bytes, 1);
  }
  void deallocate(void* data, std::size_t) noexcept override {
    --live;
    std::free(data);
  }
  void copy_from_host(void* to, const void* from, std::size_t n) override {
    std::memcpy(to, from, n);
  }
  void copy_to_host(void* to, const void* from, std::size_t n) override {
    std::memcpy(to, from, n);
  }
  int live = 0, total = 0;
};

Tensor iota(Shape shape) {
  Tensor t(allocate_buffer(std::make_shared<CountingDevice>(), 4 * 64), shape, DType::kF32);
  for (int64_t i = 0; i < t.count(); ++i) t.data<float>()[i] = static_cast<float>(i);
  return t;
}

TEST(Tensor, ViewsShareElements) {
  const Tensor t = iota({3, 8});
  const Tensor c = t.columns(2, 6).split_last(2, 3);
  EXPECT_EQ(c.shape(), (Shape{3, 2, 3}));
  EXPECT_EQ(c.stride(0), 8);
  EXPECT_EQ(c.stride(1), 3);
  EXPECT_FALSE(c.is_contiguous());
  EXPECT_EQ(c.data<float>()[1 * c.stride(0) + 1 * c.stride(1) + 2], 8 + 2 + 3 + 2);
  EXPECT_EQ(t.rows(2, 1).data<float>()[0], 16);
  EXPECT_EQ(t.view({24}).data<float>()[23], 23);
}

TEST(Tensor, MisuseIsRefusedWithTheShapes) {
  const Tensor t = iota({3, 8});
  PANGU_EXPECT_ERROR(t.rows(2, 2), ShapeError, "[3, 8]");
  PANGU_EXPECT_ERROR(t.columns(7, 2), ShapeError, "columns 7 to 9");
  PANGU_EXPECT_ERROR(t.split_last(3, 3), ShapeError, "[3, 3]");
  PANGU_EXPECT_ERROR(t.columns(0, 4).view({12}), ShapeError, "strided");
  PANGU_EXPECT_ERROR(t.data<bf16>(), ShapeError, "bf16", "f32");
  PANGU_EXPECT_ERROR(
      Tensor(allocate_buffer(std::make_shared<CountingDevice>(), 16), {5}, DType::kF32), ShapeError,
      "20 bytes", "16");
  PANGU_EXPECT_ERROR((Shape{1, -2}), ShapeError, "-2");
}

TEST(BufferPool, TrimGivesBackWhatNobodyHolds) {
  const auto device = std::make_shared<CountingDevice>();
  BufferPool pool(device);
  auto held = pool.take(1000);
  pool.take(5000);
  EXPECT_EQ(device->live, 2);
  pool.trim();
  EXPECT_EQ(device->live, 1);
  held.reset();
  EXPECT_EQ(device->live, 1) << "kept for the next one";
  pool.trim();
  EXPECT_EQ(device->live, 0);
}

TEST(BufferPool, ReusesBlocksOfNearSizesAndFreesThemAtTheEnd) {
  const auto device = std::make_shared<CountingDevice>();
  std::shared_ptr<Buffer> survivor;
  {
    BufferPool pool(device);
    const void* first = pool.take(1000)->data();
    EXPECT_EQ(pool.take(1020)->data(), first);
    EXPECT_EQ(pool.take(600)->data(), first);
    EXPECT_EQ(device->total, 1);
    EXPECT_NE(pool.take(400)->data(), first);  // more than half would be idle
    const auto a = pool.take(1000);
    const auto b = pool.take(1000);
    EXPECT_NE(a->data(), b->data());
    EXPECT_GE(a->bytes(), 1000u);
    survivor = pool.take(1 << 20);
    EXPECT_EQ(device->total, 4);
  }
  EXPECT_EQ(device->live, 1);
  survivor.reset();
  EXPECT_EQ(device->live, 0);
}

}  // namespace
}  // namespace pangu
