// SPDX-License-Identifier: Apache-2.0
#include "report/units.h"

#include <gtest/gtest.h>

namespace pangu {
namespace {

TEST(Units, NumbersReadWell) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1024), "1.00 KiB");
  EXPECT_EQ(bytes_text(1024 * 1024 - 1), "1.00 MiB");
  EXPECT_EQ(bytes_text(16061775872), "15.0 GiB");
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1000), "1.00K");
  EXPECT_EQ(count_text(999'999), "1.00M");
  EXPECT_EQ(count_text(8.03e9), "8.03B");
  EXPECT_EQ(decimal_text(0, "B"), "0.00 B");
  EXPECT_EQ(decimal_text(999.6, "B"), "1.00 kB");
  EXPECT_EQ(decimal_text(66.84e9, "B/s"), "66.8 GB/s");
  EXPECT_EQ(seconds_text(0.0042), "4.20 ms");
  EXPECT_EQ(seconds_text(0.9996), "1.00 s");
  EXPECT_EQ(seconds_text(83.21), "83.2 s");
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
}

}  // namespace
}  // namespace pangu
