// SPDX-License-Identifier: Apache-2.0
// Items above level 1: their answers are right, each level asks for more than the one before, and
// none of them is an item of another level or of training.
#include "corpus/level.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "corpus/family.h"
#include "corpus/generate.h"
#include "corpus/test_items.h"
#include "corpus/world.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::corpus {
namespace {

constexpr int kItems = test::kSanitized ? 100 : 600;

const World& one_world() {
  static const World world(1);
  return world;
}

const Family& family_named(std::string_view name) {
  static const Families families = make_families(one_world());
  return **std::ranges::find_if(families, [&](const auto& f) { return f->name() == name; });
}

/// Calls `check` with samples of a family at a level in both languages.
template <class Check>
void at_level(std::string_view family, int level, const Check& check) {
  for (const Language language : kLanguages) {
    for (int i = 0; i < kItems; ++i) {
      Draw draw(test::seed(), 8, static_cast<std::uint64_t>(i));
      check(sample_at(family_named(family), draw, language, level), language);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

/// What a model is asked, of a row of any family.
std::string prompt_of(const OrderedJson& item) {
  return item.at(item.contains("chat_prompt") ? "chat_prompt" : "prompt");
}

/// The number of things that an English problem of level 3 or 4 ends with, by its words alone.
int solved(const std::string& question) {
  static const std::regex others("[A-Z][a-z]+ has \\d+ [a-z]+\\. "),
      opening("[A-Z][a-z]+ has (\\d+)(?: boxes of (\\d+))?"),
      change("(gives|loses|sells|buys|finds) (\\d+|half)");
  const std::string story = std::regex_replace(question, others, "");
  std::smatch m;
  if (!std::regex_search(story, m, opening)) return -1;
  int value = std::stoi(m[1]) * (m[2].matched ? std::stoi(m[2]) : 1);
  for (std::sregex_iterator at(story.begin(), story.end(), change), end; at != end; ++at) {
    const std::string verb = (*at)[1], number = (*at)[2];
    const int by = number == "half" ? value / 2 : std::stoi(number);
    value += verb == "buys" || verb == "finds" ? by : -by;
  }
  return value;
}

TEST(Levels, WordProblemsHaveTheirStepsAndTheAnswerOfTheirWords) {
  for (const int level : {3, 4}) {
    at_level("word_problems", level, [&](const Sample& sample, Language language) {
      const std::string answer = sample.test.at("answer");
      EXPECT_EQ(std::ranges::count(answer, '\n'), level - 1) << answer;
      if (language == Language::kEnglish) {
        EXPECT_TRUE(answer.ends_with(fmt::format("\n#### {}", solved(sample.question))))
            << sample.question << "\n"
            << answer;
      }
    });
  }
}

TEST(Levels, WhatStandsBeforeAProblemTellsNoNumber) {
  static const std::regex number("\\d+");
  at_level("word_problems", 2, [&](const Sample& sample, Language) {
    const std::string stop = sample.test.at("language") == "en" ? ". " : "。";
    const std::size_t end = sample.question.find(stop);
    ASSERT_NE(end, std::string::npos) << sample.question;
    EXPECT_FALSE(std::regex_search(sample.question.substr(0, end), number)) << sample.question;
  });
}

/// What the world says about a fact named "city 7 river".
Fact fact_named(std::istringstream& words) {
  std::string kind, attribute;
  Fact fact{};
  words >> kind >> fact.entity >> attribute;
  const auto kinds = World::kinds();
  while (kinds[fact.kind].key != kind) ++fact.kind;
  while (kinds[fact.kind].attributes[fact.attribute].key != attribute) ++fact.attribute;
  return fact;
}

void expect_choice(const Sample& sample, const std::string& right, std::size_t fewest,
                   Language language) {
  const auto choices = sample.test.at("choices").get<std::vector<std::string>>();
  EXPECT_GE(choices.size(), fewest);
  EXPECT_EQ(std::set<std::string>(choices.begin(), choices.end()).size(), choices.size());
  const auto index = sample.test.at("answer_index").get<std::size_t>();
  ASSERT_LT(index, choices.size());
  EXPECT_EQ(choices[index], (language == Language::kEnglish ? " " : "") + right);
  for (const std::string& choice : choices) {
    EXPECT_NE(sample.question.find(choice), std::string::npos) << choice;
  }
}

TEST(Levels, NearChoicesHoldTheFact) {
  at_level("knowledge", 2, [](const Sample& sample, Language language) {
    std::istringstream words(sample.instance);
    std::string skip;
    words >> skip >> skip;
    const Fact fact = fact_named(words);
    expect_choice(sample, one_world().value_name(fact, one_world().value(fact), language), 5,
                  language);
  });
}

TEST(Levels, ChainedQuestionsAskForTheFactOfAFact) {
  at_level("knowledge", 4, [](const Sample& sample, Language language) {
    std::istringstream words(sample.instance);
    std::string skip, attribute;
    words >> skip >> skip;
    const Fact first = fact_named(words);
    words >> attribute;
    Fact second{one_world().attribute(first).value_kind, one_world().value(first), 0};
    while (one_world().attribute(second).key != attribute) ++second.attribute;
    expect_choice(sample, one_world().value_name(second, one_world().value(second), language), 4,
                  language);
    // The entity in the middle is to be found by the model.
    const std::string middle = one_world().name(second.kind, second.entity, language);
    EXPECT_EQ(sample.question.substr(0, sample.question.find('\n')).find(middle),
              std::string::npos);
  });
}

TEST(Levels, OneOfTheClaimsIsTrue) {
  std::set<std::string> truths[2];
  for (std::size_t f = 0; f < one_world().fact_count(); ++f) {
    for (std::uint64_t i = 0; i < 20; ++i) {  // all wordings
      for (const Language language : kLanguages) {
        Draw draw(1, 9, i);
        truths[static_cast<int>(language)].insert(
            one_world().statement(one_world().fact(f), draw, language));
      }
    }
  }
  at_level("knowledge", 3, [&](const Sample& sample, Language language) {
    const auto choices = sample.test.at("choices").get<std::vector<std::string>>();
    ASSERT_EQ(choices.size(), 4u);
    const bool english = language == Language::kEnglish;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const std::string claim = english ? choices[i].substr(1) + "." : choices[i] + "。";
      EXPECT_EQ(truths[static_cast<int>(language)].contains(claim),
                i == sample.test.at("answer_index").get<std::size_t>())
          << claim;
    }
  });
}

TEST(Levels, ReferenceSolutionsPassTheirTests) {
  if (std::system("python3 -c pass >/dev/null 2>&1") != 0) {
    GTEST_SKIP() << "needs python3, to run what it is asked to write";
  }
  const test::ScratchDir scratch;
  const auto script = scratch / "all.py";
  {
    std::ofstream out(script);
    for (int level = 2; level <= kLevels; ++level) {
      at_level("code", level, [&](const Sample& sample, Language) {
        const std::string program = sample.test.at("code");
        out << program << "\n";
        for (const std::string test : sample.test.at("test_list")) out << test << "\n";
        EXPECT_EQ(std::ranges::count(program, '{'), 0) << program;
        // The description names what the tests call.
        EXPECT_NE(sample.question.find(sample.test.at("text").get<std::string>()),
                  std::string::npos);
        if (level == 3) {
          EXPECT_NE(program.find("\n\ndef "), std::string::npos) << program;
        }
      });
    }
  }
  EXPECT_EQ(std::system(("python3 '" + script.string() + "'").c_str()), 0) << script;
}

TEST(Levels, ExtractedAnswersStandInThePassage) {
  for (int level = 2; level <= kLevels; ++level) {
    at_level("extraction", level, [](const Sample& sample, Language language) {
      const std::string answer = sample.test.at("answer");
      const std::string stop = language == Language::kEnglish ? "." : "。";
      const bool is_two = sample.instance.starts_with("extraction summary");
      const std::size_t end = is_two ? answer.find(stop) + stop.size() : answer.size();
      EXPECT_NE(sample.question.find(answer.substr(0, end)), std::string::npos);
      EXPECT_NE(sample.question.find(answer.substr(end)), std::string::npos) << answer;
    });
  }
}

TEST(Levels, MeetingsAnswerWhatIsAskedAboutWhom) {
  static const std::regex who("Whom? did ([A-Z][a-z]+) meet"),
      meets("([A-Z][a-z]+) met ([A-Z][a-z]+)");
  int asked = 0;
  at_level("extraction", 4, [&](const Sample& sample, Language language) {
    std::smatch m;
    if (language != Language::kEnglish || !std::regex_search(sample.question, m, who)) return;
    const std::string person = m[1];
    const std::string& text = sample.question;
    for (std::sregex_iterator at(text.begin(), text.end(), meets), end; at != end; ++at) {
      if ((*at)[1] == person) {
        EXPECT_EQ(sample.test.at("answer"), (*at)[2].str()) << text;
        ++asked;
      }
    }
  });
  EXPECT_GT(asked, kItems / 10);
}

TEST(Levels, LabelsFitWhatIsAskedAbout) {
  for (int level = 2; level <= kLevels; ++level) {
    std::set<std::string> labels;
    at_level("task_kind", level, [&](const Sample& sample, Language) {
      const std::string family = sample.instance.substr(0, sample.instance.find(' '));
      const std::string label = sample.test.at("answer");
      EXPECT_EQ(label, family == "word_problems" ? "math" : family);
      labels.insert(label);
    });
    EXPECT_EQ(labels.size(), 5u);
  }
}

TEST(Levels, PromptsGrow) {
  // Where what grows is the prompt; code grows in its answers, knowledge in what must be known.
  for (const char* family : {"extraction", "chat", "task_kind"}) {
    std::size_t before = 0;
    for (int level = 1; level <= kLevels; ++level) {
      std::size_t sum = 0;
      at_level(family, level, [&](const Sample& s, Language) { sum += s.question.size(); });
      EXPECT_GT(sum, before) << family << " at " << level;
      before = family == std::string_view("task_kind") && level == 3 ? 0 : sum;
    }
  }
}

TEST(Levels, HarderSamplesAreItemsAndNoExamples) {
  for (const std::string& name : family_names()) {
    for (int level = 2; level <= kLevels; ++level) {
      at_level(name, level, [&](const Sample& sample, Language language) {
        ASSERT_FALSE(sample.test.is_null());
        EXPECT_FALSE(sample.instance.empty());
        EXPECT_EQ(prompt_of(sample.test), sample.question);
        EXPECT_EQ(sample.test.at("language"), code(language));
        EXPECT_TRUE(sample.example.text.empty() && sample.example.messages.empty());
        static const std::regex gap("\\{[A-Za-z]\\}");
        EXPECT_FALSE(std::regex_search(sample.test.dump(), gap)) << sample.question;
      });
    }
  }
}

TEST(Levels, NoItemIsOneOfAnotherLevelOrOfTraining) {
  const test::ScratchDir scratch;
  generate_corpus(scratch / "corpus",
                  {.train_records = test::kSanitized ? 1000 : 20'000, .test_size = 1});
  std::set<std::string> trained;
  for (const char* file : {"train.jsonl", "validation.jsonl"}) {
    std::istringstream in(test::read_file(scratch / "corpus" / file));
    for (std::string line; std::getline(in, line);) {
      const OrderedJson record = OrderedJson::parse(line);
      if (record.contains("text")) trained.insert(record["text"]);
      for (const OrderedJson& message : record.value("messages", OrderedJson::array())) {
        std::string content = message["content"];
        if (content.ends_with(" /no_think")) content.resize(content.size() - 10);
        trained.insert(std::move(content));
      }
    }
  }
  for (const std::string& family : family_names()) {
    std::set<std::string> prompts;
    std::size_t items = 0;
    for (int level = 1; level <= kLevels; ++level) {
      for (const OrderedJson& item : test_items({.family = family, .level = level, .count = 40})) {
        prompts.insert(prompt_of(item));
        ++items;
        EXPECT_FALSE(trained.contains(prompt_of(item))) << prompt_of(item);
      }
    }
    EXPECT_EQ(prompts.size(), items) << family;
  }
}

TEST(Levels, ItemsInMemoryAreThoseOfTheFolder) {
  const test::ScratchDir scratch;
  for (const int level : {1, 3}) {
    const auto out = scratch / std::to_string(level);
    generate_corpus(out, {.train_records = 50, .test_size = 20, .level = level});
    for (const std::string& family : family_names()) {
      std::string lines;
      for (const OrderedJson& item : test_items({.family = family, .level = level, .count = 20})) {
        lines += item.dump() + "\n";
      }
      EXPECT_EQ(lines, test::read_file(out / "test" / (family + ".jsonl"))) << family;
    }
    EXPECT_EQ(test::read_file(out / "train.jsonl"), test::read_file(scratch / "1/train.jsonl"));
  }
}

TEST(Levels, WhatIsNotThereIsRefused) {
  PANGU_EXPECT_ERROR(test_items({.family = "code", .level = 0}), InputError, "level 0", "1 to 4");
  PANGU_EXPECT_ERROR(test_items({.family = "code", .level = 5}), InputError, "level 5", "1 to 4");
  PANGU_EXPECT_ERROR(test_items({.family = "poetry"}), InputError, "'poetry'", "word_problems");
  PANGU_EXPECT_ERROR(test_items({.family = ""}), InputError, "''", "word_problems");
  const test::ScratchDir scratch;
  PANGU_EXPECT_ERROR(generate_corpus(scratch / "out", {.level = 9}), InputError, "level 9");
  EXPECT_FALSE(std::filesystem::exists(scratch / "out"));
}

TEST(Levels, EveryScoredFamilyHasALevelThatTellsModelsApart) {
  for (const std::string& family : family_names()) {
    const std::optional<int> level = discriminating_level(family);
    EXPECT_EQ(level.has_value(), family != "chat");
    if (level) {
      EXPECT_GE(*level, 1);
      EXPECT_LE(*level, kLevels);
    }
  }
  PANGU_EXPECT_ERROR(discriminating_level("poetry"), InputError, "'poetry'");
}

}  // namespace
}  // namespace pangu::corpus
