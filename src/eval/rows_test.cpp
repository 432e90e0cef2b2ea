// SPDX-License-Identifier: Apache-2.0
#include "eval/rows.h"

#include <gmock/gmock.h>

#include "data/json_lines.h"
#include "tests/support/support.h"

namespace pangu::eval {
namespace {

TEST(Rows, ReadsEveryForm) {
  const auto texts =
      parse_text_rows("{\"text\":\"a\",\"more\":{\"x\":[1]}}\n\n \t\r\n{\"text\":\"\"}", "f");
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[1].info.line, 4);
  const auto choices = parse_choice_rows(
      "\xEF\xBB\xBF{\"prompt\":\"p\",\"choices\":[\" A\",\" B\"],\"answer_index\":1,"
      "\"language\":\"zh\",\"family\":\"x\"}\r\n",
      "f");
  EXPECT_EQ(choices[0].answer, 1u);
  EXPECT_EQ(choices[0].choices[1], " B");
  using Groups = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(choices[0].info.groups, (Groups{{"language", "zh"}, {"family", "x"}}));
  const auto math =
      parse_math_rows("{\"question\":\"q\",\"answer\":\"1 + 2\\n#### 1,003.50\"}", "f");
  EXPECT_EQ(math[0].number, "1003.5");
  const auto mbpp = parse_code_rows(
      "{\"text\":\"t\",\"chat_prompt\":\"ask\",\"code\":\"c\",\"test_list\":[\"a\",\"b\"],\"test_"
      "setup_code\":\"s\"}",
      "f");
  EXPECT_EQ(mbpp[0].form, CodeRow::Form::kMbpp);
  EXPECT_EQ(mbpp[0].setup, "s");
  EXPECT_EQ(mbpp[0].chat_prompt, "ask");
  const auto human = parse_code_rows(
      "{\"prompt\":\"p\",\"canonical_solution\":\"c\",\"test\":\"t\",\"entry_point\":\"f_1\"}",
      "f");
  EXPECT_EQ(human[0].form, CodeRow::Form::kHumanEval);
  EXPECT_EQ(human[0].entry_point, "f_1");
  EXPECT_EQ(parse_match_rows("{\"prompt\":\"p\",\"answer\":\"a\"}\n{bad", "f", 1).size(), 1u);
}

TEST(Rows, ErrorsNameFileAndLine) {
  const std::string good = "{\"prompt\":\"p\",\"choices\":[\"A\",\"B\"],\"answer_index\":0}\n";
  const auto refused = [&](const std::string& line, const std::string& what) {
    PANGU_EXPECT_ERROR(parse_choice_rows(good + "\n" + line, "data.jsonl"), Error,
                       std::string("data.jsonl:3"), what);
  };
  refused("{\"prompt\":", "Valid JSON");
  refused("[1]", "object");
  refused("{\"choices\":[\"A\",\"B\"],\"answer_index\":0}", "prompt");
  refused("{\"prompt\":1,\"choices\":[\"A\",\"B\"],\"answer_index\":0}", "prompt");
  refused("{\"prompt\":\"p\",\"choices\":[\"A\",\"B\"],\"answer_index\":2}", "answer_index");
  refused("{\"prompt\":\"p\",\"choices\":[\"A\",\"B\"],\"answer_index\":-1}", "answer_index");
  refused("{\"prompt\":\"p\",\"choices\":[\"A\",\"B\"],\"answer_index\":\"0\"}", "answer_index");
  refused("{\"prompt\":\"p\",\"choices\":[\"A\"],\"answer_index\":0}", "2 or more texts");
  refused("{\"prompt\":\"p\",\"choices\":[\"A\",\"\"],\"answer_index\":0}",
          "choices[1] is \"\" (a string); a text that is not empty was expected. Correct the row.");
  refused("{\"prompt\":\"p\",\"choices\":\"AB\",\"answer_index\":0}", "choices");
  refused("{\"prompt\":\"p\",\"choices\":[\"A\",\"B\"],\"answer_index\":0,\"language\":7}",
          "language");
  refused("{\"prompt\":\"p\",\"prompt\":\"p\",\"choices\":[\"A\",\"B\"],\"answer_index\":0}",
          "twice");
  refused("{\"prompt\":\"" + std::string(kMaxRecordBytes, 'x') + "\"}", "bytes in one line");
}

TEST(Rows, ErrorsOfTheOtherForms) {
  PANGU_EXPECT_ERROR(parse_text_rows("", "f"), FileError, "f has no rows");
  PANGU_EXPECT_ERROR(parse_text_rows("\n \n", "f"), FileError, "f has no rows");
  PANGU_EXPECT_ERROR(parse_text_rows("{\"txt\":\"a\"}", "f"), ConfigError, "f:1", "text");
  PANGU_EXPECT_ERROR(parse_math_rows("{\"question\":\"q\",\"answer\":\"none\"}", "f"), ConfigError,
                     "f:1", "answer", "number");
  PANGU_EXPECT_ERROR(parse_math_rows("{\"question\":\"q\",\"answer\":\"5\\n#### 10^100\"}", "f"),
                     ConfigError, "f:1", "answer", "computed exactly");
  PANGU_EXPECT_ERROR(parse_code_rows("{\"text\":\"t\"}", "f"), ConfigError, "f:1", "test_list");
  PANGU_EXPECT_ERROR(parse_code_rows("{\"prompt\":\"p\",\"canonical_solution\":\"\",\"test\":\"t\","
                                     "\"entry_point\":\"a b\"}",
                                     "f"),
                     ConfigError, "f:1", "entry_point", "a function");
  PANGU_EXPECT_ERROR(parse_match_rows("{\"prompt\":\"p\",\"answer\":\"\"}", "f"), ConfigError,
                     "f:1", "answer", "not empty");
}

TEST(Rows, TheSharedFilesAreRead) {
  PANGU_NEEDS_SHARED_DATA();
  const auto folder = test::shared_dir() / "data" / "eval";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "needs data/eval in the shared folder";
  const auto content = [&](const char* name) { return test::read_file(folder / name); };
  EXPECT_EQ(parse_text_rows(content("wikitext2_test.jsonl"), "w").size(), 2030u);
  EXPECT_EQ(parse_text_rows(content("chinesewebtext2_test.jsonl"), "c").size(), 748u);
  EXPECT_EQ(parse_math_rows(content("gsm8k_test.jsonl"), "g").size(), 1319u);
  EXPECT_EQ(parse_code_rows(content("mbpp.jsonl"), "m").size(), 974u);
  EXPECT_EQ(parse_code_rows(content("humaneval.jsonl"), "h").size(), 164u);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.find("_mcq") == name.npos) continue;
    EXPECT_GE(parse_choice_rows(test::read_file(entry.path()), name).size(), 8u) << name;
    ++files;
  }
  EXPECT_EQ(files, 32);
}

}  // namespace
}  // namespace pangu::eval
