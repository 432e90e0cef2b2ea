// SPDX-License-Identifier: Apache-2.0
#include "tensor/tensor.h"

#include <cstdlib>
#include <cstring>

#include "tests/support/support.h"

namespace pangu {
namespace {

/// Counts what is allocated, so that reuse and release can be seen.
class CountingMemory : public Memory {
 public:
  explicit CountingMemory(bool is_host = true) : is_host_(is_host) {}
  std::string_view name() const override { return "counting"; }
  bool is_host() const override { return is_host_; }
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
  void copy_within(void* to, const void* from, std::size_t n) override { std::memcpy(to, from, n); }
  void fill_zero(void* to, std::size_t n) override { std::memset(to, 0, n); }
  int live = 0, total = 0;

 private:
  bool is_host_;
};

Tensor iota(Shape shape) {
  Tensor t(allocate_buffer(std::make_shared<CountingMemory>(), 4 * 64), shape, DType::kF32);
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
      Tensor(allocate_buffer(std::make_shared<CountingMemory>(), 16), {5}, DType::kF32), ShapeError,
      "20 bytes", "16");
  PANGU_EXPECT_ERROR((Shape{1, -2}), ShapeError, "-2");
}

TEST(Tensor, TheHostReadsOtherMemoryThroughCopiesAlone) {
  const auto away = std::make_shared<CountingMemory>(false),
             here = std::make_shared<CountingMemory>();
  const Tensor columns = iota({3, 8}).columns(2, 3);
  const Tensor sent = columns.copy_to(away);
  EXPECT_EQ(sent.stride(0), 8);
  PANGU_EXPECT_ERROR(sent.data<float>(), Unsupported, "[3, 3]", "counting", "cannot read");
  PANGU_EXPECT_ERROR(sent.rows(1, 1).raw(), Unsupported, "[1, 3]");
  const Tensor back = sent.copy_to(here);
  for (int64_t r = 0; r < 3; ++r) {
    for (int64_t c = 0; c < 3; ++c) EXPECT_EQ(back.data<float>()[r * 8 + c], r * 8 + 2 + c);
  }
  EXPECT_EQ(Tensor().raw(), nullptr);
}

TEST(BufferPool, TrimGivesBackWhatNobodyHolds) {
  const auto memory = std::make_shared<CountingMemory>();
  BufferPool pool(memory);
  auto held = pool.take(1000);
  pool.take(5000);
  EXPECT_EQ(memory->live, 2);
  pool.trim();
  EXPECT_EQ(memory->live, 1);
  held.reset();
  EXPECT_EQ(memory->live, 1) << "kept for the next one";
  pool.trim();
  EXPECT_EQ(memory->live, 0);
}

TEST(BufferPool, ReusesBlocksOfNearSizesAndFreesThemAtTheEnd) {
  const auto memory = std::make_shared<CountingMemory>();
  std::shared_ptr<Buffer> survivor;
  {
    BufferPool pool(memory);
    const void* first = pool.take(1000)->address();
    EXPECT_EQ(pool.take(1020)->address(), first);
    EXPECT_EQ(pool.take(600)->address(), first);
    EXPECT_EQ(memory->total, 1);
    EXPECT_NE(pool.take(400)->address(), first);  // more than half would be idle
    const auto a = pool.take(1000);
    const auto b = pool.take(1000);
    EXPECT_NE(a->address(), b->address());
    EXPECT_GE(a->bytes(), 1000u);
    survivor = pool.take(1 << 20);
    EXPECT_EQ(memory->total, 4);
  }
  EXPECT_EQ(memory->live, 1);
  survivor.reset();
  EXPECT_EQ(memory->live, 0);
}

}  // namespace
}  // namespace pangu
