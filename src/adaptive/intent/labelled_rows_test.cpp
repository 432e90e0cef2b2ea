// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/labelled_rows.h"

#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

TEST(LabelledRows, AreReadFromTextsAndConversations) {
  const auto rows = parse_labelled_rows(
      "{\"kind\": \"math\", \"text\": \"2+2?\", \"id\": 7}\n\n"
      "{\"kind\": \"poems\", \"group\": \"g\", \"messages\": [{\"role\": \"user\", \"content\": "
      "\"Hi\"}, "
      "{\"role\": \"assistant\", \"content\": \"Hello\"}, {\"role\": \"user\", \"content\": \"A "
      "poem!\"}]}\n",
      "f.jsonl");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].kind, "math");
  EXPECT_EQ(rows[0].request.text, "2+2?");
  EXPECT_EQ(rows[1].group, "g");
  EXPECT_EQ(rows[1].request.text, "A poem!");
  EXPECT_EQ(rows[1].request.context, "Hi\nHello\n");
  const std::vector<std::string> kinds = kinds_of(rows);
  EXPECT_EQ(kinds, (std::vector<std::string>{"math", "poems"}));
  EXPECT_EQ(labels_of(rows, std::vector<std::string>{"poems"}), (std::vector<int>{-1, 0}));
}

TEST(LabelledRows, ErrorsNameFileAndLine) {
  const auto second = [](const std::string& line) {
    parse_labelled_rows("{\"kind\": \"a\", \"text\": \"b\"}\n" + line + "\n", "f.jsonl");
  };
  PANGU_EXPECT_ERROR(second("{\"text\": \"b\"}"), ConfigError, "f.jsonl:2", "kind");
  PANGU_EXPECT_ERROR(second("{\"kind\": \"A b\", \"text\": \"b\"}"), ConfigError, "f.jsonl:2",
                     "A b");
  PANGU_EXPECT_ERROR(second("{\"kind\": \"a\"}"), ConfigError, "f.jsonl:2");
  PANGU_EXPECT_ERROR(second("{\"kind\": \"a\", \"text\": \" \"}"), ConfigError, "f.jsonl:2",
                     "empty");
  PANGU_EXPECT_ERROR(second("{\"kind\": \"a\", \"text\": 3}"), ConfigError, "f.jsonl:2", "text");
  PANGU_EXPECT_ERROR(second("{\"kind\": \"a\", \"prompt\": \"b\", \"completion\": \"c\"}"),
                     ConfigError, "f.jsonl:2", "a prompt and a completion");
  PANGU_EXPECT_ERROR(
      second("{\"kind\": \"a\", \"messages\": [{\"role\": \"assistant\", \"content\": \"b\"}]}"),
      ConfigError, "f.jsonl:2", "none of 1 messages");
  PANGU_EXPECT_ERROR(second("{\"kind\": \"a\", \"text\": \"b\", \"group\": 1}"), ConfigError,
                     "f.jsonl:2", "group");
  PANGU_EXPECT_ERROR(second("nonsense"), FileError, "f.jsonl:2");
  PANGU_EXPECT_ERROR(parse_labelled_rows("\n", "f.jsonl"), FileError, "f.jsonl has no rows");
}

}  // namespace
}  // namespace pangu::adaptive
