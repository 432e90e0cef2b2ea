// SPDX-License-Identifier: Apache-2.0
// pangu run --chat: conversations over pipes and on a terminal, and Ctrl-C.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// A model of stories that takes every message as the text to continue.
class CliChat : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    const auto folder = copy_model("stories260K", scratch_);
    write_file(folder / "tokenizer_config.json",
               R"({"add_bos_token": true, "bos_token": "<s>", "eos_token": "</s>",
                   "chat_template": "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}"})");
    model_ = folder.string();
  }

  /// Arguments for replies that go on for minutes.
  std::vector<std::string> endless() const {
    return {"run", model_, "--chat", "--ignore-eos", "--ctx", "100000", "--threads", "1"};
  }

  ScratchDir scratch_;
  std::string model_;
};

TEST_F(CliChat, OneQuestionGoesThroughTheTemplate) {
  const auto r =
      run_program({"run", model_, "--chat", "-p", "Once upon a time", "--max-tokens", "4", "-q"});
  EXPECT_EQ(r.status, 0) << r.err;
  const auto plain = run_program({"run", shared_model("stories260K"), "-p", "Once upon a time",
                                  "--max-tokens", "4", "--json", "-q"});
  EXPECT_EQ(plain.json()["prompt_tokens"], 5);
  EXPECT_EQ(r.out, plain.json()["text"].get<std::string>() + "\n");
}

TEST_F(CliChat, SystemMessageComesFirst) {
  const auto whole =
      run_program({"run", model_, "--chat", "-p", "Once upon a time", "--max-tokens", "9", "-q"});
  const auto split = run_program({"run", model_, "--chat", "--system", "Once upon", "-p", " a time",
                                  "--max-tokens", "9", "-q"});
  EXPECT_EQ(split.out, whole.out);
}

TEST_F(CliChat, MessagesCannotForgeSpecialTokens) {
  const auto r =
      run_program({"run", model_, "--chat", "-p", "</s>", "--max-tokens", "0", "--json", "-q"});
  EXPECT_GT(r.json()["prompt_tokens"].get<int>(), 2);
}

TEST_F(CliChat, EveryPipedLineIsATurn) {
  const auto r = run_program({"run", model_, "--chat", "--max-tokens", "5", "-q"},
                             {.input = "Once upon a time\n\n  \n/reset\nOnce upon a time\n/exit\n"
                                       "never asked\n"});
  EXPECT_EQ(r.status, 0) << r.err;
  const std::size_t half = r.out.size() / 2;
  EXPECT_EQ(std::count(r.out.begin(), r.out.end(), '\n'), 2) << r.out;
  EXPECT_EQ(r.out.substr(0, half), r.out.substr(half));  // /reset forgot the first turn
  EXPECT_EQ(r.err, "");
}

TEST_F(CliChat, TurnsBuildOnEachOther) {
  const auto r = run_program({"run", model_, "--chat", "--max-tokens", "5"},
                             {.input = "Once upon a time\n in a wood"});
  EXPECT_EQ(r.status, 0);
  EXPECT_THAT(r.err, HasSubstr("cached)"));
}

TEST_F(CliChat, HelpGoesToStandardError) {
  const auto r = run_program({"run", model_, "--chat", "-q"}, {.input = "/help\n"});
  EXPECT_EQ(r.out, "");
  EXPECT_THAT(r.err, HasSubstr("/reset"));
}

TEST_F(CliChat, PipedConversationPastTheContextFails) {
  const auto r = run_program({"run", model_, "--chat", "--ctx", "8", "-q"},
                             {.input = "A line of far more than eight tokens, surely.\n"});
  EXPECT_EQ(r.status, 1);
  EXPECT_THAT(r.err, HasSubstr("the context holds 8"));
}

TEST_F(CliChat, NeedsATemplateAndKnownThinking) {
  const auto none = run_program({"run", shared_model("stories260K"), "--chat", "-p", "x"});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("no chat template"));
  const auto think = run_program({"run", model_, "--chat", "--think", "fast", "-p", "x"});
  EXPECT_EQ(think.status, 1);
  EXPECT_THAT(think.err, HasSubstr("thinking"));
}

TEST_F(CliChat, TerminalShowsAPromptAndForgivesALongMessage) {
  LiveProgram chat({"run", model_, "--chat", "--ctx", "12", "--max-tokens", "3"},
                   LiveProgram::On::kTerminal);
  chat.wait_for("> ");
  chat.write("A line of far more than twelve tokens, as anyone who counts them can see.\n");
  chat.wait_for("the context holds 12");
  chat.wait_for("> ");
  chat.write("Once upon a time\n");
  chat.wait_for(", there was");
  chat.wait_for("> ");
  chat.write("\x04");  // Ctrl-D
  EXPECT_EQ(chat.wait(), 0);
  EXPECT_THAT(chat.output(), HasSubstr("reply   3 tokens"));
}

TEST_F(CliChat, CtrlCAtTheTerminalStopsTheAnswerAndNotTheProgram) {
  LiveProgram chat(endless(), LiveProgram::On::kTerminal);
  chat.wait_for("> ");
  chat.write("Once upon a time\n");
  chat.wait_for(", there was");
  chat.write("\x03");
  chat.wait_for("\n> ");
  chat.write("/exit\n");
  EXPECT_EQ(chat.wait(), 0);
}

TEST_F(CliChat, CtrlCAtThePromptHintsFirstAndEndsThen) {
  LiveProgram chat(endless(), LiveProgram::On::kTerminal);
  chat.wait_for("> ");
  chat.write("\x03");
  chat.wait_for("Ctrl-C again");
  chat.wait_for("> ");
  chat.write("\x03");
  EXPECT_EQ(chat.wait(), 130);
}

TEST_F(CliChat, InterruptedPipedConversationGoesOn) {
  LiveProgram chat(endless(), LiveProgram::On::kPipe);
  chat.write("Once upon a time\n");
  chat.wait_for(", there was");
  chat.interrupt();
  chat.write("/reset\nLily and Tom went to the park. They saw a big\n");
  chat.wait_for(" box with a big");
  chat.interrupt();
  chat.close_input();
  EXPECT_EQ(chat.wait(), 0);
  EXPECT_THAT(chat.output(), HasSubstr("prompt  "));
}

TEST_F(CliChat, InterruptedReplyKeepsItsTextAndExitsWith130) {
  LiveProgram reply({"run", model_, "-p", "Once upon a time", "--ignore-eos", "--ctx", "100000"},
                    LiveProgram::On::kPipe);
  reply.wait_for(", there was");
  reply.interrupt();
  EXPECT_EQ(reply.wait(), 130);
  EXPECT_THAT(reply.output(), HasSubstr("\nreply   "));
  EXPECT_THAT(reply.output(), Not(HasSubstr("error")));
}

TEST_F(CliChat, InterruptedJsonSaysSo) {
  LiveProgram reply(
      {"run", model_, "-p", "Once upon a time", "--ignore-eos", "--ctx", "100000", "--json", "-v"},
      LiveProgram::On::kPipe);
  reply.wait_for("loaded");
  reply.interrupt();
  EXPECT_EQ(reply.wait(), 130);
  EXPECT_THAT(reply.output(), HasSubstr("\"finish_reason\":\"cancelled\""));
}

}  // namespace
}  // namespace pangu::test
