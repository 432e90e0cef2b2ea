// SPDX-License-Identifier: Apache-2.0
// What every family promises, and what the answers of each must be.
#include "corpus/family.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "corpus/word_problem_templates.h"
#include "corpus/world.h"
#include "tests/support/support.h"

namespace pangu::corpus {
namespace {

constexpr int kSamples = test::kSanitized ? 300 : 2000;

const World& world() {
  static const World one(1);
  return one;
}

/// Calls `check` with samples of a family in both languages.
template <class Check>
void for_samples(const Family& family, const Check& check) {
  for (const Language language : kLanguages) {
    for (int i = 0; i < kSamples; ++i) {
      Draw draw(test::seed(), 7, static_cast<std::uint64_t>(i));
      check(family.sample(draw, language), language);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Families, BothWaysOfThinkingOccurAndLookAsTheyShould) {
  for (const auto& family : make_families(world())) {
    std::map<std::string, int> forms;
    for_samples(*family, [&](const Sample& sample, Language) {
      if (sample.example.messages.empty()) {
        ASSERT_FALSE(sample.example.text.empty());
        ++forms["text"];
        return;
      }
      const auto& messages = sample.example.messages;
      ASSERT_GE(messages.size(), 2u);
      const CorpusMessage& user = messages[messages.size() - 2];
      const CorpusMessage& assistant = messages.back();
      EXPECT_EQ(user.role, "user");
      EXPECT_EQ(assistant.role, "assistant");
      EXPECT_FALSE(assistant.content.empty());
      ASSERT_TRUE(assistant.reasoning.has_value());
      EXPECT_EQ(user.content.ends_with(" /no_think"), assistant.reasoning->empty());
      EXPECT_TRUE(user.content.starts_with(sample.question));
      ++forms[assistant.reasoning->empty() ? "fast" : "slow"];
    });
    EXPECT_GT(forms["fast"], kSamples / 5) << family->name();
    EXPECT_GT(forms["slow"], kSamples / 5) << family->name();
  }
}

TEST(Families, NoGapStaysOpenAndLanguagesAreKeptApart) {
  static const std::regex gap("\\{[A-Za-z]\\}");
  for (const auto& family : make_families(world())) {
    for_samples(*family, [&](const Sample& sample, Language language) {
      const std::string line = record_line(family->name(), language, sample.example);
      ASSERT_FALSE(std::regex_search(line, gap)) << line;
      const bool has_chinese = line.find("\xe7\x9a\x84") != std::string::npos;  // 的
      ASSERT_FALSE(language == Language::kEnglish && has_chinese) << line;
      if (!sample.test.is_null()) {
        EXPECT_EQ(sample.test.at("language"), code(language));
      }
      EXPECT_TRUE(sample.test.is_null() || !sample.instance.empty());
    });
  }
}

TEST(Families, TheInstanceDoesNotDependOnTheLanguage) {
  for (const auto& family : make_families(world())) {
    std::set<std::string> instances[2];
    for_samples(*family, [&](const Sample& sample, Language language) {
      if (!sample.instance.empty()) instances[static_cast<int>(language)].insert(sample.instance);
    });
    std::vector<std::string> both;
    std::ranges::set_intersection(instances[0], instances[1], std::back_inserter(both));
    EXPECT_GT(both.size(), 0u) << family->name();
  }
}

TEST(Families, SamplesOfASplitBelongToIt) {
  for (const auto& family : make_families(world())) {
    for (const Split split : {Split::kTrain, Split::kValidation, Split::kTest}) {
      for (int i = 0; i < 40; ++i) {
        Draw draw(test::seed(), 8, static_cast<std::uint64_t>(i));
        const Sample sample = sample_of(*family, draw, Language::kEnglish, split);
        if (sample.instance.empty()) {
          EXPECT_EQ(split, Split::kTrain);
        } else {
          EXPECT_EQ(split_of(sample.instance), split);
        }
      }
    }
  }
}

/// Checks "12+7=19" and returns its result.
int check_equation(const std::string& line) {
  static const std::regex form("(\\d+)([-+*/])(\\d+)=(\\d+)");
  std::smatch m;
  EXPECT_TRUE(std::regex_match(line, m, form)) << line;
  if (m.empty()) return -1;
  const int a = std::stoi(m[1]), b = std::stoi(m[3]), x = std::stoi(m[4]);
  for (const int n : {a, b, x}) EXPECT_LE(n, kLargestNumber) << line;
  switch (m[2].str()[0]) {
    case '+':
      EXPECT_EQ(a + b, x) << line;
      break;
    case '-':
      EXPECT_EQ(a - b, x) << line;
      break;
    case '*':
      EXPECT_EQ(a * b, x) << line;
      break;
    default:
      EXPECT_EQ(x * b, a) << line;
  }
  return x;
}

TEST(WordProblems, StepsAreTrueAndLeadToTheAnswer) {
  std::map<std::size_t, int> steps;
  for_samples(*make_word_problems(), [&](const Sample& sample, Language) {
    if (sample.test.is_null()) {
      if (sample.example.messages.empty()) {
        for (const std::string& line : lines_of(sample.example.text)) check_equation(line);
      }
      return;
    }
    auto lines = lines_of(sample.test.at("answer"));
    ASSERT_GE(lines.size(), 2u);
    const std::string last = lines.back();
    lines.pop_back();
    ++steps[lines.size()];
    int result = -1;
    for (const std::string& line : lines) result = check_equation(line);
    EXPECT_EQ(last, "#### " + std::to_string(result));
    // Slow or fast, the reply ends in the same line, and the steps stand in one of its parts.
    const CorpusMessage& reply = sample.example.messages.back();
    EXPECT_TRUE(reply.content.ends_with(last));
    for (const std::string& line : lines) {
      EXPECT_NE((*reply.reasoning + reply.content).find(line), std::string::npos);
    }
  });
  for (const std::size_t count : {1u, 2u, 3u, 4u}) EXPECT_GT(steps[count], kSamples / 100) << count;
}

TEST(WordProblems, EveryTemplateOccursInEveryWording) {
  std::set<std::string> keys;
  for_samples(*make_word_problems(), [&](const Sample& sample, Language) {
    if (!sample.instance.empty()) {
      keys.insert(sample.instance.substr(14, sample.instance.find(' ', 14) - 14));
    }
  });
  EXPECT_EQ(keys.size(), kProblemTemplates.size());
  for (const ProblemTemplate& problem : kProblemTemplates) {
    EXPECT_EQ(keys.count(problem.key), 1u) << problem.key;
    EXPECT_GE(problem.question.en.size(), 2u) << problem.key;
    EXPECT_EQ(problem.question.en.size(), problem.question.zh.size()) << problem.key;
  }
}

TEST(Knowledge, TheRightChoiceIsTheFact) {
  std::map<int, int> places;
  for_samples(*make_knowledge(world()), [&](const Sample& sample, Language language) {
    if (sample.test.is_null()) return;
    std::istringstream words(sample.instance);
    std::string family, kind, attribute;
    std::size_t entity = 0;
    words >> family >> kind >> entity >> attribute;
    const auto kinds = World::kinds();
    const auto k = static_cast<std::size_t>(
        std::ranges::find_if(kinds, [&](const Kind& each) { return kind == each.key; }) -
        kinds.begin());
    ASSERT_LT(k, kinds.size());
    std::size_t a = 0;
    while (kinds[k].attributes[a].key != attribute) ++a;
    const Fact fact{k, entity, a};
    const auto choices = sample.test.at("choices").get<std::vector<std::string>>();
    const int right = sample.test.at("answer_index");
    ++places[right];
    ASSERT_EQ(choices.size(), 4u);
    EXPECT_EQ(std::set<std::string>(choices.begin(), choices.end()).size(), 4u);
    const std::string value = world().value_name(fact, world().value(fact), language);
    EXPECT_EQ(choices[static_cast<std::size_t>(right)],
              (language == Language::kEnglish ? " " : "") + value);
    for (const std::string& choice : choices) {
      EXPECT_NE(sample.question.find(choice), std::string::npos);
    }
  });
  for (int i = 0; i < 4; ++i) EXPECT_GT(places[i], kSamples / 10) << i;
}

TEST(Knowledge, NamesAreUniqueAndCapitalsLieInTheirCountry) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const World w(seed);
    std::set<std::string> names[2];
    std::size_t count = 0;
    for (std::size_t k = 0; k < World::kinds().size(); ++k) {
      for (std::size_t e = 0; e < World::kinds()[k].count; ++e, ++count) {
        for (const Language language : kLanguages) {
          names[static_cast<int>(language)].insert(w.name(k, e, language));
        }
      }
    }
    EXPECT_EQ(count, 300u);
    EXPECT_EQ(names[0].size(), count);
    EXPECT_EQ(names[1].size(), count);
    for (std::size_t country = 0; country < World::kinds()[0].count; ++country) {
      const std::size_t capital = w.value({0, country, 0});
      EXPECT_EQ(w.value({1, capital, 0}), country);
    }
  }
  EXPECT_NE(World(1).name(0, 0, Language::kEnglish), World(2).name(0, 0, Language::kEnglish));
}

TEST(Extraction, AnswersAreQuoted) {
  for_samples(*make_extraction(), [](const Sample& sample, Language language) {
    const std::string answer = sample.test.at("answer");
    if (sample.instance.starts_with("extraction summary")) {
      const std::string stop = language == Language::kEnglish ? "." : "。";
      const std::size_t end = answer.find(stop) + stop.size();
      EXPECT_NE(sample.question.find(answer.substr(0, end)), std::string::npos);
      EXPECT_NE(sample.question.find(answer.substr(end)), std::string::npos) << answer;
    } else {
      EXPECT_NE(sample.question.find(answer), std::string::npos) << sample.question << answer;
    }
  });
}

TEST(TaskKind, LabelsFitWhatIsAsked) {
  std::map<std::string, int> labels;
  for_samples(*make_task_kind(world()), [&](const Sample& sample, Language) {
    const std::string label = sample.example.messages.back().content;
    ++labels[label];
    if (sample.instance.empty()) return;
    const std::string family = sample.instance.substr(0, sample.instance.find(' '));
    EXPECT_EQ(label, family == "word_problems" ? "math" : family);
  });
  EXPECT_EQ(labels.size(), 5u);
  for (const auto& [label, count] : labels) EXPECT_GT(count, kSamples / 5) << label;
}

TEST(Code, ReferenceSolutionsPassTheirTests) {
  if (std::system("python3 -c pass >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "needs python3, to run what it is asked to write";
  }
  const test::ScratchDir scratch;
  const auto script = scratch / "all.py";
  int tasks = 0;
  {
    std::ofstream out(script);
    std::set<std::string> seen;
    for_samples(*make_code(), [&](const Sample& sample, Language) {
      if (!seen.insert(sample.instance).second) return;
      ++tasks;
      out << sample.test.at("code").get<std::string>() << "\n";
      for (const std::string test : sample.test.at("test_list")) out << test << "\n";
      EXPECT_EQ(sample.test.at("test_list").size(), 3u);
      EXPECT_TRUE(sample.question.starts_with(sample.test.at("text").get<std::string>()));
    });
  }
  EXPECT_GT(tasks, kSamples / 2);
  EXPECT_EQ(std::system(("python3 '" + script.string() + "'").c_str()), 0) << script;
}

TEST(Code, TheFirstTestRulesOutAConstant) {
  // Three calls with three arguments; where all results were equal, `return 7` would pass.
  int constant = 0, all = 0;
  for_samples(*make_code(), [&](const Sample& sample, Language) {
    std::set<std::string> results;
    for (const std::string test : sample.test.at("test_list")) {
      results.insert(test.substr(test.find(" == ")));
    }
    constant += results.size() == 1;
    ++all;
  });
  EXPECT_LT(constant, all / 10);
}

}  // namespace
}  // namespace pangu::corpus
