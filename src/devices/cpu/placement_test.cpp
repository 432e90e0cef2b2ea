// SPDX-License-Identifier: Apache-2.0
// Weights on several memory nodes: who writes them first, and that results do not depend on it.
#include <array>
#include <atomic>
#include <set>
#include <thread>

#include "devices/cpu/cpu_device.h"
#include "quant/pack_rows.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr int64_t kRows = 64 * 40 + 3, kColumns = 256;

/// Nodes of which this machine may have no processors: their threads run anywhere then.
std::vector<MemoryNode> nodes_of(const std::vector<int>& cores) {
  std::vector<MemoryNode> nodes;
  for (const int n : cores) {
    const int number = static_cast<int>(nodes.size());
    nodes.push_back({.number = number, .processors = {number}, .cores = n});
  }
  return nodes;
}

std::vector<float> weights() {
  std::vector<float> w(static_cast<std::size_t>(kRows * kColumns));
  for (std::size_t i = 0; i < w.size(); ++i) w[i] = static_cast<float>(i * 37 % 101) - 50.0f;
  return w;
}

PackedMatrix matrix(WeightFormat format) {
  return {PackedForm{cpu_device(), format, cpu_device()->panel_layout(format)}, kRows, kColumns};
}

std::vector<float> product(const PackedMatrix& w, int64_t rows, ThreadPool& pool) {
  std::vector<float> x(static_cast<std::size_t>(rows * kColumns));
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.01f * static_cast<float>(i * 7 % 29);
  std::vector<float> y(static_cast<std::size_t>(rows * kRows));
  kernels::LinearArgs args{.weight = w.buffer()->address(),
                           .panel_bytes = w.panel_bytes(),
                           .format = w.format(),
                           .n_out = kRows,
                           .k = kColumns,
                           .x = x.data(),
                           .x_dtype = DType::kF32,
                           .x_stride = kColumns,
                           .rows = rows,
                           .y = y.data(),
                           .y_stride = kRows};
  cpu_device()->ops().linear(args, {pool, detected_isa()});
  return y;
}

TEST(Placement, EachPanelIsFirstWrittenByTheNodeThatReadsIt) {
  const std::vector<float> values = weights();
  for (int round = 0; round < 10; ++round) {
    ThreadPool pool(4, nodes_of({2, 2}));
    PackedMatrix w = matrix(WeightFormat::kF32);
    std::vector<std::thread::id> writers(static_cast<std::size_t>(w.panels()));
    pack_rows(
        w,
        [&](int64_t row) -> StoredRow {
          writers[static_cast<std::size_t>(row / kPanelRows)] = std::this_thread::get_id();
          return {.format = WeightFormat::kF32,
                  .data = reinterpret_cast<const std::byte*>(values.data() + row * kColumns)};
        },
        pool);
    const auto bound = pool.node_bounds(w.panels(), 1).at(0);
    EXPECT_EQ(bound, 20);
    const std::set<std::thread::id> first(writers.begin(), writers.begin() + bound);
    for (auto p = bound; p < w.panels(); ++p) {
      ASSERT_FALSE(first.contains(writers[static_cast<std::size_t>(p)])) << p;
    }
  }
}

TEST(Placement, ResultsAreTheSameBitsOnAnyNodes) {
  const std::vector<float> values = weights();
  for (const WeightFormat format : {WeightFormat::kF32, WeightFormat::kW8A8}) {
    ThreadPool plain(1);
    PackedMatrix expected = matrix(format);
    pack_f32(expected, values.data(), plain);
    for (const auto& cores : {std::vector<int>{1, 1}, {3, 1}, {1, 2, 1, 4}}) {
      ThreadPool pool(4, nodes_of(cores));
      PackedMatrix w = matrix(format);
      pack_f32(w, values.data(), pool);
      EXPECT_TRUE(std::equal(w.buffer()->address(), w.buffer()->address() + w.bytes(),
                             expected.buffer()->address()));
      for (const int64_t rows : {1, 5}) {
        EXPECT_EQ(product(w, rows, pool), product(expected, rows, plain));
      }
    }
  }
}

}  // namespace
}  // namespace pangu
