// SPDX-License-Identifier: Apache-2.0
// pangu template: what templates make of messages, exactly.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;

constexpr const char* kHi = R"([{"role": "user", "content": "Hi"}])";

class CliTemplate : public testing::Test {
 protected:
  /// A file in a folder of its own.
  std::string file(const std::string& name, const std::string& content) {
    write_file(scratch_ / name, content);
    return (scratch_ / name).string();
  }
  ScratchDir scratch_;
};

TEST_F(CliTemplate, ABundledModelsTemplateIsRenderedExactly) {
  const std::string messages = file("m.json", kHi);
  const auto r = run_program({"template", "pangu-nano", "--messages", messages});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.out, "[unused9]系统：[unused10][unused9]用户：Hi[unused10][unused9]助手：");
  EXPECT_EQ(r.err, "");
  const auto bare =
      run_program({"template", "pangu-nano", "--messages", "-", "--no-generation-prompt"},
                  {.input = std::string(kHi) + "\n"});
  EXPECT_EQ(bare.out, "[unused9]系统：[unused10][unused9]用户：Hi[unused10]");
}

TEST_F(CliTemplate, MessagesReachTheTemplateAsTheyAre) {
  const std::string chat = file("t.jinja",
                                "{% for m in messages %}{{ m }}{{ m.content is defined }}\n"
                                "{% endfor %}{{ tools | tojson }}{{ bos_token }}{{ n + 1 }}");
  const std::string messages = file("m.json", R"([{"content": "a", "role": "user"},
                             {"role": "assistant", "tool_calls": [], "id": 3}])");
  const std::string tools = file("tools.json", R"([{"z": 1, "a": {"q": null}}])");
  const auto r = run_program({"template", chat, "--messages", messages, "--tools", tools, "--var",
                              "bos_token=<s>", "--var", "n=41"});
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_EQ(r.out,
            "{'content': 'a', 'role': 'user'}True\n{'role': 'assistant', 'tool_calls': [], 'id': "
            "3}False\n"
            "[{\"z\": 1, \"a\": {\"q\": null}}]<s>42");
}

TEST_F(CliTemplate, JsonTellsMarkupFromMessages) {
  const std::string chat = file("t.jinja", "<{{ messages[0].content }}>");
  const auto r = run_program({"template", chat, "--messages", "-", "--json"}, {.input = kHi});
  EXPECT_EQ(r.json(), Json::parse(R"({"text": "<Hi>", "pieces": [
      {"text": "<", "template": true}, {"text": "Hi", "template": false},
      {"text": ">", "template": true}]})"));
}

TEST_F(CliTemplate, OptionsThatChangeNothingAreRemarkedOn) {
  const std::string chat = file("t.jinja", "{{ messages[0].content }}");
  const std::string tools = file("tools.json", "[]");
  const std::vector<std::string> args = {"template", chat,        "--messages",
                                         "-",        "--tools",   tools,
                                         "--var",    "mode=fast", "--no-generation-prompt"};
  const auto r = run_program(args, {.input = kHi});
  EXPECT_EQ(r.status, 0);
  EXPECT_EQ(r.out, "Hi");
  EXPECT_THAT(r.err, HasSubstr("'add_generation_prompt': --no-generation-prompt changes nothing"));
  EXPECT_THAT(r.err, HasSubstr("'tools': --tools changes nothing"));
  EXPECT_THAT(r.err, HasSubstr("'mode': --var changes nothing"));
}

TEST_F(CliTemplate, ErrorsSayWhatAndWhere) {
  const std::string chat =
      file("t.jinja", "{% if messages | length > 1 %}\n{{ 1 | uper }}{% endif %}x");
  const std::string two = file("two.json", R"([{"role": "user", "content": "a"},
                                         {"role": "assistant", "content": "b"}])");
  EXPECT_EQ(run_program({"template", chat, "--messages", "-"}, {.input = kHi}).out, "x");
  const std::string refusing = file("r.jinja", "{{ raise_exception('no ' ~ messages[0].role) }}");
  expect_refusals(
      "template",
      {
          {{chat, "--messages", two},
           1,
           "line 2: there is no filter 'uper'. Did you mean 'upper'?"},
          {{refusing, "--messages", two}, 1, "refuses this conversation: no user"},
          {{chat, "--messages", file("o.json", "{}")}, 1, "o.json: --messages is of type object"},
          {{chat, "--messages", file("s.json", "[1]")}, 1, "has an item of type number"},
          {{chat, "--messages", two, "--tools", file("n.json", "[null]")}, 1, "item of type null"},
          {{chat, "--messages", file("d.json", R"([{"a": 1, "a": 2}])")}, 1, "'a' appears twice"},
          {{chat, "--messages", file("b.json", "[")}, 1, "b.json"},
          {{chat, "--messages", (scratch_ / "none.json").string()}, 1, "none.json"},
          {{chat, "--messages", file("l.json", R"([{"role": "usr", "content": ""}])")},
           1,
           "message 1 has the role 'usr'. Did you mean user? Expected: system, user, assistant, "
           "tool"},
          {{chat, "--messages", file("l.json", R"([{"role": "usr", "content": ""}])")},
           1,
           "l.json.)"},
          {{"pangu-nano", "--messages",
            file("p.json", R"([{"role": "developer", "content": ""}])")},
           1,
           "the chat template of"},
          {{chat, "--messages", file("r.json", R"([{"content": "Hi"}])")}, 1, "has no 'role'"},
          {{chat, "--messages", file("c.json", R"([{"role": "user"}])")}, 1, "has no 'content'"},
          {{chat, "--messages", two, "--var", "x={\"a\":1,\"a\":2}"}, 1, "'a' appears twice"},
          {{(scratch_ / "none.jinja").string(), "--messages", two}, 1, "none.jinja"},
          {{file("empty.jinja", " \n"), "--messages", two}, 1, "no chat template"},
          {{"no-such-model", "--messages", two}, 1, "no-such-model"},
          {{chat}, 2, "--messages"},
          {{chat, "--messages", "-", "--tools", "-"}, 2, "one standard input"},
          {{chat, "--messages", two, "--var", "x"}, 2, "expected NAME=VALUE"},
          {{chat, "--messages", two, "--var", "=1"}, 2, "expected NAME=VALUE"},
      });
}

}  // namespace
}  // namespace pangu::test
