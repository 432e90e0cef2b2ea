// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace pangu
