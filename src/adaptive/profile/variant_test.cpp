// SPDX-License-Identifier: Apache-2.0
#include "adaptive/profile/variant.h"

#include <gtest/gtest.h>

#include <set>

#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

TEST(Variant, IsNamedByWhatDiffersFromTheOriginal) {
  EXPECT_EQ(Variant{}.name(), "original");
  EXPECT_EQ((Variant{"", "w4a8-g64", ""}.name()), "w4a8-g64");
  EXPECT_EQ((Variant{"", "w8a8", "int8"}.name()), "w8a8+kv-int8");
  EXPECT_EQ((Variant{"", "", "int4"}.name()), "original+kv-int4");
  EXPECT_EQ((Variant{"runs/half", "w8a8", ""}.name()), "half:w8a8");
  EXPECT_EQ((Variant{"runs/half/", "", ""}.name()), "half");
  EXPECT_TRUE(Variant{}.is_original());
  EXPECT_FALSE((Variant{"", "", "int8"}.is_original()));
  EXPECT_FALSE((Variant{"half", "", ""}.is_original()));
  EXPECT_FALSE((Variant{"", "bf16", ""}.is_original()));
}

TEST(Variant, HasTheFormatsThatItNames) {
  EXPECT_EQ((Variant{"", "w8a8", ""}.formats()), WeightFormats::parse("w8a8", "", ""));
  EXPECT_EQ(Variant{}.formats(), WeightFormats{});
  PANGU_EXPECT_ERROR((Variant{"", "w9", ""}.formats()), ConfigError, "w9");
}

TEST(Variant, StrategiesSayHowItIsAsked) {
  EXPECT_EQ(Strategy{}.text(), "original, speculation off");
  const Strategy all{{"", "w4a8-g64", "int8"}, Thinking::kFast, SpeculationMode::kLookup};
  EXPECT_EQ(all.text(), "w4a8-g64+kv-int8, thinking fast, speculation pld");
}

TEST(Variant, WaysOfThinkingHaveNames) {
  std::set<std::string_view> names;
  for (const Thinking t : {Thinking::kDefault, Thinking::kFast, Thinking::kSlow, Thinking::kAuto}) {
    names.insert(thinking_name(t));
    EXPECT_EQ(parse_thinking(thinking_name(t)), t);
  }
  EXPECT_EQ(names.size(), 4);
  PANGU_EXPECT_ERROR(parse_thinking("Slow"), ConfigError, "'Slow'", "default, fast, slow or auto");
  PANGU_EXPECT_ERROR(parse_thinking(""), ConfigError, "''");
}

}  // namespace
}  // namespace pangu::adaptive
