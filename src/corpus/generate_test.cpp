// SPDX-License-Identifier: Apache-2.0
#include "corpus/generate.h"

#include <gmock/gmock.h>

#include <iterator>
#include <set>
#include <sstream>

#include "base/hash.h"
#include "io/json.h"
#include "pangu/error.h"
#include "tests/support/support.h"

namespace pangu::corpus {
namespace {

namespace fs = std::filesystem;

std::vector<Json> records(const fs::path& path) {
  std::vector<Json> all;
  std::istringstream in(test::read_file(path));
  for (std::string line; std::getline(in, line);) all.push_back(Json::parse(line));
  return all;
}

std::map<std::string, std::string> files(const fs::path& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      all[fs::relative(entry.path(), folder).string()] = test::read_file(entry.path());
    }
  }
  return all;
}

class Generate : public testing::Test {
 protected:
  CorpusOptions options_{.train_records = test::kSanitized ? 2000 : 20'000, .test_size = 30};
  test::ScratchDir scratch_;
  const fs::path out_ = scratch_ / "corpus";
};

TEST_F(Generate, TheReportTheManifestAndTheFilesAgree) {
  const CorpusReport report = generate_corpus(out_, options_);
  const Json manifest = read_json(out_ / "manifest.json");
  EXPECT_EQ(manifest["seed"], 1);
  EXPECT_EQ(manifest["generator_version"], kGeneratorVersion);
  EXPECT_EQ(manifest["files"].size(), 8u);
  for (const auto& [name, count] : report.files) {
    EXPECT_EQ(manifest["files"][name]["records"], count.records);
    EXPECT_EQ(fs::file_size(out_ / name), static_cast<std::uintmax_t>(count.bytes));
    EXPECT_EQ(records(out_ / name).size(), static_cast<std::size_t>(count.records));
  }
  EXPECT_EQ(report.files.at("train.jsonl").records, options_.train_records);
  EXPECT_EQ(report.files.at("validation.jsonl").records, options_.train_records / 50);
  EXPECT_EQ(report.files.at("test/code.jsonl").records, 60);
  std::int64_t sum = 0;
  for (const auto& [family, languages] : report.train) {
    for (const auto& [language, count] : languages) sum += count;
  }
  EXPECT_EQ(sum, options_.train_records);
  EXPECT_THAT(test::read_file(out_ / "README.md"),
              testing::HasSubstr("| `test/code.jsonl` | 60 |"));
}

TEST_F(Generate, NothingThatIsTestedIsTrainedOn) {
  generate_corpus(out_, options_);
  // What a user says in training, without the tag.
  std::set<std::string> asked;
  for (const char* file : {"train.jsonl", "validation.jsonl"}) {
    for (const Json& record : records(out_ / file)) {
      if (record.contains("text")) asked.insert(record["text"].get<std::string>());
      for (const Json& message : record.value("messages", Json::array())) {
        std::string content = message["content"];
        if (content.ends_with(" /no_think")) content.resize(content.size() - 10);
        if (message["role"] == "user") asked.insert(content);
      }
    }
  }
  int items = 0;
  for (const auto& entry : fs::directory_iterator(out_ / "test")) {
    for (const Json& item : records(entry.path())) {
      const std::string prompt = item[item.contains("chat_prompt") ? "chat_prompt" : "prompt"];
      EXPECT_EQ(asked.count(prompt), 0u) << prompt;
      ++items;
    }
  }
  EXPECT_EQ(items, 6 * 2 * 30);
}

TEST_F(Generate, TestsHaveTheFormsOfTheBenchmarks) {
  generate_corpus(out_, options_);
  const auto keys = [&](const char* name) {
    std::vector<std::string> all;
    const Json first = records(out_ / "test" / name).front();
    for (const auto& [key, value] : first.items()) all.push_back(key);
    return all;
  };
  using testing::ElementsAre;
  EXPECT_THAT(keys("word_problems.jsonl"),
              ElementsAre("answer", "chat_prompt", "language", "question"));
  EXPECT_THAT(keys("knowledge.jsonl"),
              ElementsAre("answer_index", "choices", "language", "prompt"));
  EXPECT_THAT(keys("code.jsonl"), ElementsAre("chat_prompt", "code", "language", "test_list",
                                              "test_setup_code", "text"));
  for (const char* name : {"extraction.jsonl", "chat.jsonl", "task_kind.jsonl"}) {
    EXPECT_THAT(keys(name), ElementsAre("answer", "language", "prompt"));
  }
}

TEST_F(Generate, EveryFactIsToldInTraining) {
  options_.families = {"knowledge"};
  options_.train_records = 20'000;
  const CorpusReport report = generate_corpus(out_, options_);
  EXPECT_GT(report.facts, 800);
  std::string all;
  for (const Json& record : records(out_ / "train.jsonl")) {
    if (record.contains("text")) all += record["text"].get<std::string>() + "\n";
  }
  for (const Json& item : records(out_ / "test/knowledge.jsonl")) {
    const std::string value = item["choices"][item["answer_index"].get<std::size_t>()];
    EXPECT_NE(all.find(value), std::string::npos) << value;
  }
}

TEST_F(Generate, TheSameOptionsGiveTheSameBytes) {
  options_.train_records = 1000;
  generate_corpus(out_, options_);
  generate_corpus(scratch_ / "again", options_);
  EXPECT_TRUE(files(out_) == files(scratch_ / "again"));
  options_.seed = 2;
  generate_corpus(scratch_ / "other", options_);
  EXPECT_FALSE(files(out_) == files(scratch_ / "other"));
}

TEST_F(Generate, TheBytesAreThoseOfThisVersionEverywhere) {
  // Where this fails, the same seed gives another corpus: raise kGeneratorVersion, then the sum.
  options_.train_records = 1000;
  generate_corpus(out_, options_);
  Fnv1a sum;
  for (const auto& [name, bytes] : files(out_)) {
    sum.add(bytes);
  }
  EXPECT_EQ(kGeneratorVersion, 3);
  EXPECT_EQ(sum.value(), 17965030799497056328u);
}

TEST_F(Generate, AShorterCorpusIsTheBeginningOfALongerOne) {
  options_.train_records = 500;
  generate_corpus(out_, options_);
  options_.train_records = 1000;
  generate_corpus(scratch_ / "long", options_);
  const std::string train = test::read_file(out_ / "train.jsonl");
  EXPECT_TRUE(test::read_file(scratch_ / "long/train.jsonl").starts_with(train));
  EXPECT_EQ(test::read_file(out_ / "test/code.jsonl"),
            test::read_file(scratch_ / "long/test/code.jsonl"));
}

TEST_F(Generate, FamiliesAndLanguagesCanBeChosen) {
  options_.train_records = 300;
  options_.families = {"code", "word_problems"};
  options_.languages = {Language::kChinese};
  const CorpusReport report = generate_corpus(out_, options_);
  EXPECT_EQ(report.train.size(), 2u);
  EXPECT_EQ(report.files.size(), 4u);
  for (const Json& record : records(out_ / "train.jsonl")) EXPECT_EQ(record["language"], "zh");
}

TEST_F(Generate, WhatCannotBeIsRefusedAndLeavesNothing) {
  const auto entries = [&] { return std::distance(fs::directory_iterator(scratch_.path()), {}); };
  options_.train_records = 10;
  CorpusOptions wrong = options_;
  wrong.families = {"poetry"};
  PANGU_EXPECT_ERROR(generate_corpus(out_, wrong), InputError, "'poetry'",
                     "word_problems, knowledge");
  wrong = options_;
  if (!test::kSanitized) {  // it has to run out of items first
    wrong.families = {"code"};
    wrong.test_size = 100'000;
    PANGU_EXPECT_ERROR(generate_corpus(out_, wrong), InputError, "code has about", "--test-size");
  }
  wrong = options_;
  wrong.progress = [](std::string_view, std::int64_t, std::int64_t) { throw Cancelled("stopped"); };
  wrong.train_records = 5000;
  EXPECT_THROW(generate_corpus(out_, wrong), Cancelled);
  EXPECT_EQ(entries(), 0);
  test::write_file(out_ / "file", "kept");
  PANGU_EXPECT_ERROR(generate_corpus(out_, options_), FileError, "not empty");
  EXPECT_EQ(test::read_file(out_ / "file"), "kept");
}

}  // namespace
}  // namespace pangu::corpus
