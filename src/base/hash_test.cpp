// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <gtest/gtest.h>

#include <array>
#include <initializer_list>
#include <set>

namespace pangu {
namespace {

// Test vectors of draft-eastlake-fnv, appendix C.
static_assert(fnv1a("") == 0xcbf29ce484222325u);
static_assert(fnv1a("a") == 0xaf63dc4c8601ec8cu);
static_assert(fnv1a("foobar") == 0x85944171f73967e8u);

TEST(Fnv1a, PartsGiveWhatTheWholeGives) {
  Fnv1a parts;
  parts.add("foo");
  parts.add(std::uint64_t{'b'});
  parts.add("ar");
  EXPECT_EQ(parts.value(), fnv1a("foobar"));
  EXPECT_NE(fnv1a("foobar"), fnv1a("foobra"));
}

TEST(ContentHash, EveryBitCountsWhereverItIs) {
  std::array<std::byte, 37> bytes{};
  std::set<std::uint64_t> seen;
  const auto hash = [&] {
    ContentHash h;
    h.add(std::span<const std::byte>(bytes));
    return h.value();
  };
  seen.insert(hash());
  // Pairs, too: what only shifts bits upwards loses two that are on top.
  for (std::size_t a = 0; a < 8 * bytes.size(); ++a) {
    for (std::size_t b = a; b < 8 * bytes.size(); b += 61) {
      const auto flip = [&] {
        bytes[a / 8] ^= std::byte(1 << a % 8);
        if (b != a) bytes[b / 8] ^= std::byte(1 << b % 8);
      };
      flip();
      EXPECT_TRUE(seen.insert(hash()).second) << a << " " << b;
      flip();
    }
  }
}

TEST(ContentHash, PartsAndSeedsAreToldApart) {
  const auto hash = [](std::uint64_t seed, std::initializer_list<std::string_view> parts) {
    ContentHash h(seed);
    for (const std::string_view part : parts) h.add(part);
    return h.value();
  };
  EXPECT_EQ(hash(1, {"ab", "c"}), hash(1, {"ab", "c"}));
  EXPECT_NE(hash(1, {"ab", "c"}), hash(1, {"a", "bc"}));
  EXPECT_NE(hash(1, {"ab", "c"}), hash(1, {"abc"}));
  EXPECT_NE(hash(1, {"ab", ""}), hash(1, {"ab"}));
  EXPECT_NE(hash(1, {"ab"}), hash(2, {"ab"}));
}

}  // namespace
}  // namespace pangu
