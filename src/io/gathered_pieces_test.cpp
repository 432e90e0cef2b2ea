// SPDX-License-Identifier: Apache-2.0
#include "io/gathered_pieces.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace pangu {
namespace {

using Runs = std::vector<std::pair<std::uint64_t, std::string>>;

void add(GatheredPieces& pieces, std::uint64_t offset, std::string_view text) {
  pieces.add(offset, std::as_bytes(std::span(text)));
}

std::string text_of(std::span<const std::byte> run) {
  return {reinterpret_cast<const char*>(run.data()), run.size()};
}

Runs drained(GatheredPieces& pieces) {
  Runs runs;
  pieces.drain([&](std::uint64_t offset, std::span<const std::byte> run) {
    runs.emplace_back(offset, text_of(run));
  });
  return runs;
}

TEST(GatheredPieces, ThatFollowOneAnotherAreOneRun) {
  GatheredPieces pieces;
  EXPECT_EQ(drained(pieces), Runs{});
  // Two places in turns, then a third one.
  add(pieces, 100, "ab");
  add(pieces, 0, "1");
  add(pieces, 102, "c");
  add(pieces, 1, "2");
  add(pieces, 50, "");
  add(pieces, 200, "x");
  EXPECT_EQ(pieces.size(), 6u);
  EXPECT_EQ(drained(pieces), (Runs{{0, "12"}, {100, "abc"}, {200, "x"}}));
  EXPECT_EQ(pieces.size(), 0u);
  // What was handed on is not continued.
  add(pieces, 2, "3");
  EXPECT_EQ(drained(pieces), (Runs{{2, "3"}}));
}

TEST(GatheredPieces, StayWhereHandingOnFails) {
  GatheredPieces pieces;
  add(pieces, 0, "first");
  add(pieces, 10, "second");
  const auto full_disk = [](std::uint64_t offset, std::span<const std::byte>) {
    if (offset > 0) throw std::runtime_error("full");
  };
  EXPECT_THROW(pieces.drain(full_disk), std::runtime_error);
  EXPECT_EQ(pieces.size(), 6u);
  EXPECT_EQ(drained(pieces), (Runs{{10, "second"}}));
}

}  // namespace
}  // namespace pangu
