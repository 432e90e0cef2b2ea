// SPDX-License-Identifier: Apache-2.0
// Rows from memory and from a file are those that were written, and no file is left behind.
#include "eval/row_store.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "tests/support/support.h"

namespace pangu::eval {
namespace {

std::vector<float> row_of(std::int64_t r, std::int64_t width) {
  std::vector<float> row(static_cast<std::size_t>(width));
  for (std::size_t i = 0; i < row.size(); ++i) {
    row[i] = static_cast<float>(r) + 1.0f / static_cast<float>(i + 1);
  }
  return row;
}

TEST(RowStore, GivesBackWhatWasWrittenFromMemoryAndFromAFile) {
  const test::ScratchDir scratch;
  constexpr std::int64_t kRows = 37, kWidth = 1001;
  for (const std::int64_t memory : {std::int64_t{1} << 20, std::int64_t{100}}) {
    RowStore store(kRows, kWidth, {.memory_bytes = memory, .folder = scratch.path()});
    EXPECT_EQ(store.bytes(), kRows * kWidth * 4);
    EXPECT_EQ(store.in_file(), memory == 100);
    // From several threads, in any order.
    const auto write = [&](std::int64_t first) {
      for (std::int64_t r = kRows - 1 - first; r >= 0; r -= 2) store.write(r, row_of(r, kWidth));
    };
    std::thread other(write, 1);
    write(0);
    other.join();
    store.finish();
    for (int round = 0; round < 2; ++round) {
      for (std::int64_t r = 0; r < kRows; ++r) {
        const auto got = store.row(r);
        EXPECT_EQ(std::vector<float>(got.begin(), got.end()), row_of(r, kWidth));
      }
      store.drop(3, 30);
    }
  }
  EXPECT_TRUE(std::filesystem::is_empty(scratch.path())) << "the file is left behind";
}

TEST(RowStore, RefusesWhatDoesNotFit) {
  const test::ScratchDir scratch;
  const RowStoreLimits limits{.memory_bytes = 0, .file_bytes = 1000, .folder = scratch.path()};
  PANGU_EXPECT_ERROR(RowStore(26, 10, limits), OutOfMemory, "26 rows of 40 B", "1.02 KiB",
                     "room for 25");
  // A petabyte is more than a disk has.
  const RowStoreLimits any{
      .memory_bytes = 0, .file_bytes = std::int64_t{1} << 60, .folder = scratch.path()};
  PANGU_EXPECT_ERROR(RowStore(std::int64_t{1} << 38, 1024, any), OutOfMemory,
                     scratch.path().c_str(), "TMPDIR");
  const RowStoreLimits gone{.memory_bytes = 0, .folder = scratch / "gone"};
  PANGU_EXPECT_ERROR(RowStore(2, 10, gone), FileError, "gone", "temporary file");
  PANGU_EXPECT_ERROR(RowStore(std::int64_t{1} << 62, 10, limits), ShapeError, "10 numbers");
  RowStore store(2, 10, limits);
  PANGU_EXPECT_ERROR(store.write(2, row_of(0, 10)), ShapeError, "row 2");
  PANGU_EXPECT_ERROR(store.write(0, row_of(0, 9)), ShapeError, "9 numbers");
}

}  // namespace
}  // namespace pangu::eval
