// SPDX-License-Identifier: Apache-2.0
#include "corpus/record.h"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include "corpus/draw.h"
#include "corpus/wording.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::corpus {
namespace {

TEST(Draw, IsAFunctionOfSeedStreamAndRecord) {
  const auto numbers = [](std::uint64_t seed, std::uint32_t stream, std::uint64_t record) {
    Draw draw(seed, stream, record);
    std::vector<std::size_t> drawn;
    for (int i = 0; i < 4; ++i) drawn.push_back(draw.below(1'000'000'007));
    return drawn;
  };
  EXPECT_EQ(numbers(1, 2, 3), numbers(1, 2, 3));
  EXPECT_NE(numbers(1, 2, 3), numbers(2, 2, 3));
  EXPECT_NE(numbers(1, 2, 3), numbers(1, 3, 3));
  EXPECT_NE(numbers(1, 2, 3), numbers(1, 2, 4));
  EXPECT_NE(numbers(1, 2, 3), numbers(1, 2, 3 + (std::uint64_t{1} << 32)));
}

TEST(Draw, StaysInRangeAndReachesItsEnds) {
  Draw draw(test::seed(), 1, 0);
  int low = 0, high = 0;
  for (int i = 0; i < 2000; ++i) {
    const int x = draw.between(-3, 5);
    ASSERT_GE(x, -3);
    ASSERT_LE(x, 5);
    low += x == -3;
    high += x == 5;
  }
  EXPECT_GT(low, 100);
  EXPECT_GT(high, 100);
}

TEST(Draw, DistinctIndicesAreDistinct) {
  rc::check([](std::uint64_t seed) {
    Draw draw(seed, 0, 0);
    const std::size_t n = 1 + draw.below(20), count = draw.below(n + 1);
    auto found = draw.distinct(count, n);
    RC_ASSERT(found.size() == count);
    std::ranges::sort(found);
    RC_ASSERT(std::ranges::adjacent_find(found) == found.end());
    if (!found.empty()) RC_ASSERT(found.back() < n);
    std::vector<int> items{1, 2, 3, 4};
    draw.shuffle(items);
    std::ranges::sort(items);
    RC_ASSERT(items == (std::vector<int>{1, 2, 3, 4}));
  });
}

TEST(Record, SplitsStayAsTheyAre) {
  // Another hash would put the tests of old corpora into the training of new ones.
  EXPECT_EQ(split_of("word_problems give 12 5"), Split::kTrain);
  std::map<Split, int> counts;
  for (int i = 0; i < 10'000; ++i) ++counts[split_of("x " + std::to_string(i))];
  EXPECT_NEAR(counts[Split::kTrain], 8600, 150);
  EXPECT_NEAR(counts[Split::kValidation], 400, 80);
  EXPECT_NEAR(counts[Split::kTest], 1000, 120);
}

TEST(Record, LinesHaveTheKeysInOrder) {
  EXPECT_EQ(record_line("knowledge", Language::kChinese, TrainingExample::plain("红\n")),
            "{\"family\":\"knowledge\",\"language\":\"zh\",\"text\":\"红\\n\"}\n");
  EXPECT_EQ(record_line("chat", Language::kEnglish, TrainingExample::slow("q", "r", "a")),
            "{\"family\":\"chat\",\"language\":\"en\",\"messages\":[{\"role\":\"user\",\"content\":"
            "\"q\"},{\"role\":\"assistant\",\"reasoning_content\":\"r\",\"content\":\"a\"}]}\n");
  EXPECT_EQ(record_line("chat", Language::kEnglish, TrainingExample::fast("q", "a")),
            "{\"family\":\"chat\",\"language\":\"en\",\"messages\":[{\"role\":\"user\",\"content\":"
            "\"q /no_think\"},{\"role\":\"assistant\",\"reasoning_content\":\"\",\"content\":\"a\"}"
            "]}\n");
}

TEST(Record, UnknownLanguagesAreRefused) {
  EXPECT_EQ(parse_language("zh"), Language::kChinese);
  PANGU_EXPECT_ERROR(parse_language("fr"), InputError, "'fr'", "en, zh");
}

TEST(Wording, GapsAreFilledOnce) {
  Gaps gaps;
  gaps.set("N", "{a}").set("a", 3).set("a", 4);
  EXPECT_EQ(gaps.fill("{N} has {a} {b} {"), "{a} has 4 {b} {");
  EXPECT_EQ(gaps["a"], "4");
}

TEST(Wording, ListsAndSentences) {
  EXPECT_EQ(listed({"a", "b", "c"}, Language::kEnglish), "a, b and c");
  EXPECT_EQ(listed({"a", "b", "c"}, Language::kChinese), "a、b和c");
  EXPECT_EQ(listed({"a"}, Language::kEnglish), "a");
  EXPECT_EQ(sentences({"a.", "b."}, Language::kEnglish), "a. b.");
  EXPECT_EQ(sentences({"a。", "b。"}, Language::kChinese), "a。b。");
}

}  // namespace
}  // namespace pangu::corpus
