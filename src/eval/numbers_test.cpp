// SPDX-License-Identifier: Apache-2.0
#include "eval/numbers.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

#include "io/json.h"
#include "tests/support/support.h"

namespace pangu::eval {
namespace {

using Number = std::optional<std::string>;
using NumberCases = std::vector<std::pair<std::string, Number>>;

TEST(Numbers, AreComparedAsTexts) {
  for (const auto& [text, want] :
       NumberCases{{"7", "7"},
                   {"007", "7"},
                   {"-1,234.50", "-1234.5"},
                   {"+3.0", "3"},
                   {"-0.0", "0"},
                   {".5", "0.5"},
                   {"1,450,000", "1450000"},
                   {"$12", "12"},
                   {"-$12", "-12"},
                   {"０７", "7"},
                   {"１，２３４", "1234"},
                   {"￥１２", "12"},
                   {"−5", "-5"},
                   {" 18 ", "18"},
                   {"12,34", std::nullopt},
                   {"", std::nullopt},
                   {"x", std::nullopt},
                   {"1 2", std::nullopt},
                   {"-", std::nullopt},
                   {"5.", std::nullopt},
                   {"123456789012345678901234567890.10", "123456789012345678901234567890.1"},
                   // Separators of LaTeX and of other countries.
                   {"9{,}500", "9500"},
                   {"1{,}450{,}000.5", "1450000.5"},
                   {"10\\,000", "10000"},
                   {"1\\ 234\\ 567", "1234567"},
                   {"1,\\!234", "1234"},
                   {"\\$9{,}500", "9500"},
                   {"12\u202F345", "12345"},
                   {"12\u00A0345", "12345"},
                   {"1'234", "1234"},
                   {"1_000_000", "1000000"},
                   {"1234_567", std::nullopt},
                   {"1,234_567", std::nullopt},
                   // Powers and fractions, exactly.
                   {"1.2e3", "1200"},
                   {"5E-2", "0.05"},
                   {"3 × 10^4", "30000"},
                   {"1.5 \\times 10^{-3}", "0.0015"},
                   {"10^3", "1000"},
                   {"2^{64}", "18446744073709551616"},
                   {"3/4", "0.75"},
                   {"-6/3", "-2"},
                   {"2/6", "1/3"},
                   {"\\frac{7}{8}", "0.875"},
                   {"2\\frac{1}{2}", "2.5"},
                   {"2 \\frac{1}{2}", "2.5"},
                   {"1 1/2", "1.5"},
                   {"3/0", std::nullopt},
                   {"1/2/2026", std::nullopt},
                   {"10^100", std::nullopt}}) {
    EXPECT_EQ(canonical_number(text), want) << text;
    EXPECT_EQ(want ? canonical_number(*want) : std::nullopt, want) << text;
  }
}

TEST(Numbers, AreComputedExactlyOrAreNone) {
  for (const auto& [text, want] : NumberCases{{"2^{-1}", "0.5"},
                                              {"3^-2", "1/9"},
                                              {"(-2)^3", "-8"},
                                              {"-(-2)^3", "8"},
                                              {"(-2)^{2}", "4"},
                                              {"\\left(-2\\right)^3", "-8"},
                                              {"(2/3)^2", "4/9"},
                                              {"(3/4)^{-1}", "4/3"},
                                              {"1.5^2", "2.25"},
                                              {"0.5^-3", "8"},
                                              {"2^(3)", "8"},
                                              {"0^0", "1"},
                                              {"10^{-2}", "0.01"},
                                              {"10^99", "1" + std::string(99, '0')},
                                              {"10^{-99}", "0." + std::string(98, '0') + "1"},
                                              {"10²", "100"},
                                              {"10⁻²", "0.01"},
                                              {"\\frac12", "0.5"},
                                              {"\\frac 1{3}", "1/3"},
                                              {"2\\frac12", "2.5"},
                                              {"\\frac{-1}{2}", "-0.5"},
                                              {"-\\frac{1.5}{3}", "-0.5"},
                                              {"\\frac{1,000}{3}", "1000/3"},
                                              {"1/0.25", "4"},
                                              {"1.5/2", "0.75"},
                                              {"0/5", "0"},
                                              {"2^0.5", std::nullopt},
                                              {"7^80", std::nullopt},
                                              {"0^-1", std::nullopt},
                                              {"10^100", std::nullopt},
                                              {"10^{-200}", std::nullopt},
                                              {"1e100", std::nullopt},
                                              {"1e-100", std::nullopt},
                                              {"1e2.5", std::nullopt},
                                              {"3 \\times 10^200", std::nullopt},
                                              {"3 \\times 10^{2.5}", std::nullopt},
                                              {"2^3^2", std::nullopt},
                                              {"2^{3 \\times 4}", std::nullopt},
                                              {"1234567890^2", std::nullopt},
                                              {"3/4^2", std::nullopt},
                                              {"1/0", std::nullopt},
                                              {"1/1234567890", std::nullopt},
                                              {"1/2/2026", std::nullopt},
                                              {"\\frac{1}{0}", std::nullopt},
                                              {"\\frac{3 + 4}{2}", std::nullopt},
                                              {"\\frac123", std::nullopt}}) {
    EXPECT_EQ(canonical_number(text), want) << text;
    for (const char* before : {"", "#### ", "5 eggs, so it is "}) {
      EXPECT_EQ(find_answer_number(before + text + " in all."), want) << before << text;
    }
    EXPECT_EQ(find_answer_number("7 and \\boxed{" + text + "}"), want) << text;
    EXPECT_EQ(want ? canonical_number(*want) : std::nullopt, want) << text;
  }
}

TEST(Numbers, WhatOnlyLooksLikeAPowerOrAFraction) {
  for (const auto& [text, want] : NumberCases{{"36 at 90^\\circ", "90"},
                                              {"36 or \\frac{3}{4", std::nullopt},
                                              {"(36) cm^2", "36"},
                                              {"36 cm²", "36"},
                                              {"36 for x = \\frac{a}{b}", "36"},
                                              {"36, as f(2)^2 shows", "2"},
                                              {"36 ²", "36"},
                                              {"36 on 5e-commerce", "5"},
                                              {"36 km/h", "36"}}) {
    EXPECT_EQ(find_answer_number(text), want) << text;
  }
}

TEST(Numbers, TheMarkedOneWinsOverTheLast) {
  EXPECT_EQ(find_marked_number("so 5 + 6 = 11\n#### 11\nor 12?"), Number("11"));
  EXPECT_EQ(find_marked_number("#### 1\n#### $1,200.00 dollars"), Number("1200"));
  EXPECT_EQ(find_marked_number("#### 答案：-18元"), Number("-18"));
  EXPECT_EQ(find_marked_number("####\n\n42"), Number("42"));
  EXPECT_EQ(find_marked_number("#### **Answer: 42 apples**"), Number("42"));
  EXPECT_EQ(find_marked_number("#### The answer is 42."), Number("42"));
  EXPECT_EQ(find_marked_number("#### Total: 3 + 4 = 7"), Number("7"));
  EXPECT_EQ(find_marked_number("#### \\boxed{9{,}500}"), Number("9500"));
  EXPECT_EQ(find_marked_number("the answer is 42"), std::nullopt);
  EXPECT_EQ(find_marked_number("#### none"), std::nullopt);
  EXPECT_EQ(find_answer_number("#### none, 42"), Number("42"));
}

TEST(Numbers, HeadingsAnnounceNone) {
  for (const char* heading : {"#### Step 2: answer", "#### 2. Add them up", "#### 2) Add",
                              "#### 第2步：计算", "#### Case 1", "#### 1st step"}) {
    const std::string reply = std::string(heading) + "\nso it is **7**.";
    EXPECT_EQ(find_marked_number(reply), std::nullopt) << heading;
    EXPECT_EQ(find_answer_number(reply), Number("7")) << heading;
  }
}

TEST(Numbers, ABoxWinsOverTheLast) {
  EXPECT_EQ(
      find_answer_number("\\boxed{1} no, \\boxed{\\text{about } 18 \\text{ days}} in 2 weeks"),
      Number("18"));
  EXPECT_EQ(find_answer_number("\\boxed{x = 3 + 4 = 7} of 9"), Number("7"));
  EXPECT_EQ(find_answer_number("\\boxed 5 of 9"), Number("5"));
  EXPECT_EQ(find_answer_number("\\boxed{\\frac{3}{4}} of 9"), Number("0.75"));
  EXPECT_EQ(find_answer_number("\\boxed{yes}, 9"), Number("9"));
  EXPECT_EQ(find_answer_number("9 \\boxed{{5"), Number("5"));
  EXPECT_EQ(find_answer_number("#### 4\n\\boxed{5}"), Number("4"));
}

TEST(Numbers, TheLastOneOfATextIsNoExponentAndNoPartOfAWord) {
  for (const auto& [text, want] : NumberCases{{"She has 3 apples and 1,024 pears.", "1024"},
                                              {"10-3=7", "7"},
                                              {"7 = 10-3", "3"},
                                              {"it is -3", "-3"},
                                              {"因此一共需要１２个苹果。", "12"},
                                              {"小明有3个，答案是18。", "18"},
                                              {"about 3.14159...", "3.14159"},
                                              {"版本1.2.3", "3"},
                                              {"1, 2, 3", "3"},
                                              {"no number", std::nullopt},
                                              {"\xff\xfe 5", "5"},
                                              {"36 cm^2", "36"},
                                              {"36 cm^{2}", "36"},
                                              {"36 $m^{-2}$", "36"},
                                              {"36 cm²", "36"},
                                              {"36 m2 of H2O", "36"},
                                              {"x_1 + x_{2} = 36 in CO_2", "36"},
                                              {"36 on the 2nd day", "36"},
                                              {"36 on the 4^{th} day", "36"},
                                              {"第3天有36个，第4天卖完", "36"},
                                              {"He came in 3rd", "3"},
                                              {"4\\times3", "3"},
                                              {"Rs1,200", "1200"},
                                              {"US$18", "18"},
                                              {"the end.5 apples", "5"},
                                              {"3 * 10^2", "300"}}) {
    EXPECT_EQ(find_answer_number(text), want) << text;
  }
}

TEST(Numbers, RepliesThatOtherProgramsGotWrong) {
  PANGU_NEEDS_SHARED_DATA();
  const auto file = test::shared_dir() / "cases" / "gsm8k_replies.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "needs " << file;
  std::istringstream lines(test::read_file(file));
  for (std::string line; std::getline(lines, line);) {
    const Json row = Json::parse(line);
    EXPECT_EQ(find_answer_number(row["reply"].get<std::string>()),
              Number(row["number"].get<std::string>()))
        << line;
  }
}

TEST(Numbers, SolutionsOfTheTestSetGiveWhatStandsAfterTheirMark) {
  PANGU_NEEDS_SHARED_DATA();
  const auto file = test::shared_dir() / "data" / "eval" / "gsm8k_test.jsonl";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "needs " << file;
  std::istringstream lines(test::read_file(file));
  for (std::string line; std::getline(lines, line);) {
    const std::string answer = Json::parse(line)["answer"];
    std::string want = answer.substr(answer.rfind("#### ") + 5);
    std::erase(want, ',');
    EXPECT_EQ(find_marked_number(answer), Number(want)) << answer;
  }
}

/// Replies around a number that is known, in the ways that models write them.
class NumberReplies {
 public:
  explicit NumberReplies(std::uint64_t seed) : rng_(seed) {}

  /// A reply, and the number it gives.
  std::pair<std::string, std::string> next() {
    const std::int64_t value = one_in(3) ? draw(100) : draw(20'000'000);
    const std::string cents = one_in(4) ? "." + std::to_string(10 + draw(90)) : "";
    const std::string sign = one_in(10) && value > 0 ? "-" : "";
    std::string want = sign + std::to_string(value) + cents;
    if (want.ends_with('0') && !cents.empty()) want.pop_back();
    const std::string number = sign + pick({"", "", "$", "\\$", "¥"}) + grouped(value) + cents;
    const std::int64_t style = draw(4);
    return {before(style < kLast) + around(number, style), want};
  }

 private:
  std::int64_t draw(std::int64_t n) {
    return static_cast<std::int64_t>(rng_() % static_cast<std::uint64_t>(n));
  }
  bool one_in(std::int64_t n) { return draw(n) == 0; }
  std::string pick(std::vector<std::string> from) {
    return from[static_cast<std::size_t>(draw(std::ssize(from)))];
  }

  std::string grouped(std::int64_t value) {
    std::string text = std::to_string(value);
    const std::string separator = pick({"", ",", "{,}", "\\,", "，", "\u202F", ",\\!"});
    for (std::ptrdiff_t at = std::ssize(text) - 3; at > 0; at -= 3) {
      text.insert(static_cast<std::size_t>(at), separator);
    }
    return text;
  }

  /// Reasoning with numbers of its own.
  std::string before(bool may_have_boxes) {
    std::string out;
    for (std::int64_t n = draw(4); n > 0; --n) {
      if (may_have_boxes && one_in(8)) out += "\\boxed{5} would be half.\n";
      out += pick({"3 + 4 = 7\n", "#### Step 2: add\n", "The 2nd box holds 1,000 of them.\n",
                   "每天12个，共3天。\n", "So x_1 = 5^2 and y < 10.\n", "#### 1. Count\n",
                   "- 12 eggs\n"});
    }
    return out;
  }

  std::string around(const std::string& number, std::int64_t style) {
    const std::string unit = pick({"", "", " clips", " cm^2", " m^{2}", " m²", "%", "元", " H2O",
                                   " \\text{ days}", "\\text{ km}"});
    switch (style) {
      case 0:
        return "#### " + number + unit + pick({"", "\n", "\n\nThat took 2 days."});
      case 1:
        return "#### " + pick({"Answer: ", "答案：", "**", "The answer is ", "3 + 4 = "}) + number +
               unit;
      case 2:
        return "It is \\boxed{" + number + unit + "}" + pick({"", ".", " after 2 days."});
      default:
        return pick({"So it is ", "答案是", "= ", "**", "$", "("}) + number + unit +
               pick({".", "", ", altogether.", "。", "**", "$.", ")", "!\n"});
    }
  }

  static constexpr std::int64_t kLast = 3;  ///< the style where the last number is the answer
  std::mt19937_64 rng_;
};

TEST(Numbers, GeneratedRepliesGiveTheirNumber) {
  NumberReplies replies(test::seed());
  const std::int64_t n = test::number_from("PANGU_TEST_REPLIES", test::kSanitized ? 300 : 3000);
  for (std::int64_t i = 0; i < n; ++i) {
    const auto [reply, want] = replies.next();
    ASSERT_EQ(find_answer_number(reply), Number(want)) << "reply " << i << ": " << reply;
    ASSERT_EQ(canonical_number(want), Number(want)) << "reply " << i;
  }
}

}  // namespace
}  // namespace pangu::eval
