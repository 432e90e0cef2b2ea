// SPDX-License-Identifier: Apache-2.0
// Numbers between bounds against exact arithmetic on thousandths.
#include "grammar/schema/decimal_range.h"

#include <fmt/format.h>

#include <random>

#include "grammar/testing/mask_check.h"
#include "tests/support/support.h"

namespace pangu::grammar {
namespace {

std::string thousandths(std::int64_t n) {
  std::string text =
      fmt::format("{}{}.{:03}", n < 0 ? "-" : "", std::abs(n) / 1000, std::abs(n) % 1000);
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

struct Range {
  std::optional<std::int64_t> min, max;
  bool above = false, below = false;

  bool has(std::int64_t n) const {
    if (min && (above ? n <= *min : n < *min)) return false;
    return !(max && (below ? n >= *max : n > *max));
  }
  NumberBounds bounds() const {
    NumberBounds out;
    bool is_exact = true;
    const auto bound = [&](std::int64_t n, bool is_exclusive) {
      return NumberBounds::Bound{*decimal_of(OrderedJson::parse(thousandths(n)), is_exact),
                                 is_exclusive};
    };
    if (min) out.min = bound(*min, above);
    if (max) out.max = bound(*max, below);
    EXPECT_TRUE(is_exact);
    return out;
  }
};

/// Null if no number lies within.
std::shared_ptr<CompiledGrammar> range_grammar(const Range& range, bool is_whole) {
  static const auto words = std::make_shared<WordsTokenizer>(std::vector<std::string>{"10"});
  CompileBudget budget({});
  RuleSet rules(budget);
  const auto numbers =
      is_whole ? add_whole_numbers(range.bounds(), rules) : add_numbers(range.bounds(), rules);
  if (!numbers) return nullptr;
  return std::make_shared<CompiledGrammar>(compile_rules(rules, rules.add("number", *numbers)),
                                           std::make_shared<TokenTrie>(words), GrammarLimits{});
}

Range random_range(std::mt19937_64& rng) {
  const auto draw = [&rng]() -> std::int64_t {
    static constexpr std::int64_t kSteps[] = {1, 10, 100, 1000, 1000};
    static constexpr std::int64_t kMost[] = {3, 30, 300, 30000};
    return kSteps[rng() % 5] * (static_cast<std::int64_t>(rng() % 601) - 300) %
           (kMost[rng() % 4] * 1000 + 1);
  };
  Range r{.min = draw(), .max = draw(), .above = rng() % 2 == 0, .below = rng() % 2 == 0};
  if (*r.min > *r.max) std::swap(r.min, r.max);
  if (rng() % 5 == 0) r.min.reset();
  if (rng() % 5 == 0) r.max.reset();
  return r;
}

TEST(DecimalRange, HasWhatLiesWithinTheBounds) {
  std::mt19937_64 rng(test::seed());
  const int rounds = test::takes_fewer() ? 30 : 400;
  for (int round = 0; round < rounds; ++round) {
    const Range range = random_range(rng);
    const bool is_whole = round % 2 == 0;
    const auto grammar = range_grammar(range, is_whole);
    bool any = false;
    std::vector<std::int64_t> numbers;
    for (const auto& bound : {range.min, range.max}) {
      for (std::int64_t d = -3; bound && d <= 3; ++d) {
        numbers.insert(numbers.end(), {*bound + d, *bound + 10 * d, *bound + 1000 * d});
      }
    }
    for (int i = 0; i < 60; ++i)
      numbers.push_back(static_cast<std::int64_t>(rng() % 800000) - 400000);
    for (std::int64_t n = -4000; n <= 4000; n += 500) numbers.push_back(n);
    for (const std::int64_t n : numbers) {
      if (is_whole && n % 1000 != 0) continue;
      const bool want = range.has(n);
      any = any || want;
      ASSERT_EQ(grammar && accepts(*grammar, thousandths(n)), want)
          << thousandths(n) << " within " << thousandths(range.min.value_or(-999999999)) << " and "
          << thousandths(range.max.value_or(999999999)) << (range.above ? " above" : "")
          << (range.below ? " below" : "") << (is_whole ? " whole" : "");
    }
    if (!grammar) {
      EXPECT_FALSE(any);
    }
  }
}

TEST(DecimalRange, WritesZerosAtTheEndAndNoneAtTheBegin) {
  const auto grammar = range_grammar({.min = 500, .max = 1500}, false);
  for (const char* text : {"0.5", "0.50", "1", "1.0", "1.500", "1.4999999999999999"}) {
    EXPECT_TRUE(accepts(*grammar, text)) << text;
  }
  for (const char* text :
       {"0.49", "00.5", ".5", "1.", "01", "1.5000000000000001", "1.50000000000000000"}) {
    EXPECT_FALSE(accepts(*grammar, text)) << text;
  }
  const auto open = range_grammar({.min = 0, .above = true}, false);
  EXPECT_FALSE(accepts(*open, "0.0"));
  EXPECT_FALSE(accepts(*open, "-1"));
  EXPECT_TRUE(accepts(*open, "0.0000000000000001"));
  EXPECT_TRUE(accepts(*open, "9999999999999999.5"));
}

TEST(DecimalRange, ReadsNumbersAsTheyWereWritten) {
  bool is_exact = true;
  const auto read = [&](const char* text) {
    return decimal_of(OrderedJson::parse(text), is_exact);
  };
  EXPECT_EQ(read("0.1")->fraction, "1");
  EXPECT_EQ(read("-12.50")->fraction, "5");
  EXPECT_EQ(read("-12.50")->whole, 12);
  EXPECT_TRUE(read("-12.50")->is_negative);
  EXPECT_EQ(read("1e3")->whole, 1000);
  EXPECT_EQ(read("1.5e-7")->fraction, "00000015");
  EXPECT_EQ(read("9007199254740991")->whole, 9007199254740991);
  EXPECT_TRUE(read("0.0")->is_zero());
  EXPECT_FALSE(read("1e16"));
  EXPECT_TRUE(is_exact);
  EXPECT_FALSE(read("1e-17"));
  EXPECT_FALSE(is_exact);
}

}  // namespace
}  // namespace pangu::grammar
