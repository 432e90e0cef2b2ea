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

TEST_F(CliChat, InputWithoutAMessageIsRemarkedOn) {
  for (const char* input : {"", "\n", "  \n\n \t\n"}) {
    const auto r = run_program({"run", model_, "--chat"}, {.input = input});
    EXPECT_EQ(r.status, 0);
    EXPECT_EQ(r.out, "");
    EXPECT_THAT(r.err, HasSubstr("[chat] standard input has no message"));
  }
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
  reply.close_input();
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
  reply.close_input();
  reply.wait_for("loaded");
  reply.interrupt();
  EXPECT_EQ(reply.wait(), 130);
  EXPECT_THAT(reply.output(), HasSubstr("\"finish_reason\":\"cancelled\""));
}

/// Tokens of a text for a tokenizer, special tokens and beginning of text included.
std::size_t token_count(const std::string& model, const std::string& text) {
  return run_program({"tokenize", model, "--json"}, {.input = text + "\n"}).json()["ids"].size();
}

TEST_F(CliChat, LongLinesOfATerminalArriveWhole) {
  std::string line;
  while (line.size() < 6828) line += "Once upon a time there was a dog. ";
  LiveProgram chat({"run", model_, "--chat", "--ctx", "100000", "--max-tokens", "1"},
                   LiveProgram::On::kTerminal);
  chat.wait_for("> ");
  chat.write(line + "\n");
  chat.wait_for("\n> ");
  chat.write("\x04");
  EXPECT_EQ(chat.wait(), 0);
  EXPECT_THAT(chat.output(),
              HasSubstr("prompt  " + std::to_string(token_count(model_, line)) + " tokens"));
}

TEST_F(CliChat, APasteIsOneMessage) {
  LiveProgram chat({"run", model_, "--chat", "--max-tokens", "1"}, LiveProgram::On::kTerminal);
  chat.wait_for("\x1b[?2004h");
  chat.wait_for("> ");
  chat.write("\x1b[200~One day\nTom and Lily\x1b[201~\n");
  chat.wait_for("\n> ");
  chat.write("/quit\n");
  EXPECT_EQ(chat.wait(), 0);
  const auto tokens = token_count(model_, "One day\nTom and Lily");
  EXPECT_THAT(chat.output(), HasSubstr("prompt  " + std::to_string(tokens) + " tokens"));
  EXPECT_THAT(chat.output(), HasSubstr("\x1b[?2004l"));  // the terminal is as it was
}

TEST_F(CliChat, CtrlCForgetsWhatWasBegun) {
  LiveProgram chat({"run", model_, "--chat", "--max-tokens", "1"}, LiveProgram::On::kTerminal);
  chat.wait_for("> ");
  chat.write("never sent");
  chat.wait_for("never sent");
  chat.write("\x03");
  chat.wait_for("Ctrl-C again");
  chat.wait_for("> ");
  chat.write("Once\n");
  chat.wait_for("\n> ");
  chat.write("\x04");
  EXPECT_EQ(chat.wait(), 0);
  EXPECT_THAT(chat.output(),
              HasSubstr("prompt  " + std::to_string(token_count(model_, "Once")) + " tokens"));
}

TEST_F(CliChat, UnknownCommandsAreRefusedWithTheNearest) {
  LiveProgram chat({"run", model_, "--chat", "--max-tokens", "2"}, LiveProgram::On::kTerminal);
  chat.wait_for("> ");
  chat.write("/rest\n");
  chat.wait_for("'/rest' is no command. Did you mean /reset?");
  chat.wait_for("> ");
  chat.write("/exit now\n");
  chat.wait_for("/exit stands alone");
  chat.wait_for("> ");
  chat.write("/bye\n");
  EXPECT_EQ(chat.wait(), 0);
  EXPECT_THAT(chat.output(), HasSubstr("prompt  0 tokens"));
}

TEST_F(CliChat, PipedCommandsAreObeyedOrRefused) {
  for (const char* command : {"/exit", "/quit", "/bye", "/quit \r"}) {
    const auto r =
        run_program({"run", model_, "--chat", "-q"}, {.input = std::string(command) + "\nnever\n"});
    EXPECT_EQ(r.status, 0) << command << r.err;
    EXPECT_EQ(r.out, "");
  }
  const auto foo = run_program({"run", model_, "--chat", "-q"}, {.input = "/foo\n"});
  EXPECT_EQ(foo.status, 1);
  EXPECT_EQ(foo.out, "");
  EXPECT_THAT(foo.err, HasSubstr("'/foo' is no command"));
  EXPECT_THAT(foo.err, HasSubstr("/reset, /exit"));
  // Paths, and what has a blank in front, are messages.
  for (const char* message : {"/etc/passwd is a file", " /foo", "/ x", "/* code */"}) {
    const auto r = run_program({"run", model_, "--chat", "-q", "--max-tokens", "1"},
                               {.input = std::string(message) + "\n"});
    EXPECT_EQ(r.status, 0) << r.err;
    EXPECT_NE(r.out, "") << message;
  }
}

TEST_F(CliChat, AFullContextStopsOrLosesItsOldestTurns) {
  std::string lines;
  for (int i = 0; i < 12; ++i) lines += "Once upon a time there was a dog.\n";
  const std::vector<std::string> args = {"run", model_,         "--chat", "--ctx",
                                         "64",  "--max-tokens", "4"};
  const auto stopped = run_program(args, {.input = lines});
  EXPECT_EQ(stopped.status, 1);
  EXPECT_THAT(stopped.err, HasSubstr("the context holds 64"));
  EXPECT_THAT(stopped.err, HasSubstr("--on-full trim"));
  EXPECT_LT(std::count(stopped.out.begin(), stopped.out.end(), '\n'), 12);

  auto trims = args;
  trims.insert(trims.end(), {"--on-full", "TRIM"});
  const auto trimmed = run_program(trims, {.input = lines});
  EXPECT_EQ(trimmed.status, 0) << trimmed.err;
  EXPECT_EQ(std::count(trimmed.out.begin(), trimmed.out.end(), '\n'), 12) << trimmed.out;
  EXPECT_THAT(trimmed.err, HasSubstr("messages were left out of the conversation"));
  EXPECT_EQ(run_program({"run", model_, "--chat", "-p", "x", "--on-full", "trim"}).status, 2);
}

TEST_F(CliChat, AReplyThatTheContextCutsIsAnnounced) {
  const std::vector<std::string> args = {"run",  model_,  "--chat", "-p",
                                         "Once", "--ctx", "12",     "--ignore-eos"};
  const auto r = run_program(args);
  EXPECT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.err, HasSubstr("the reply was cut off: the context of 12 tokens is full"));
  auto limited = args;
  limited.insert(limited.end(), {"--max-tokens", "3"});
  EXPECT_THAT(run_program(limited).err, Not(HasSubstr("cut off")));
}

/// The model of the source tree, which reasons before it answers.
constexpr const char* kQuestions =
    "Kate buys 5 flowers for 4 yuan each and pays with 82 yuan. How much change does Kate get?\n"
    "Nora has 12 apples and buys 15. How many apples does Nora have?\n";

std::vector<std::string> nano(std::vector<std::string> more = {}) {
  std::vector<std::string> args = {"run", "pangu-nano", "--chat", "--temp", "0"};
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

TEST(CliReasoning, IsLeftOutOfPipedOutputAndOfTheNextPrompt) {
  const auto r = run_program(nano(), {.input = kQuestions});
  ASSERT_EQ(r.status, 0) << r.err;
  EXPECT_THAT(r.out, Not(HasSubstr("[unused")));
  EXPECT_THAT(r.out, Not(HasSubstr("5*4")));
  EXPECT_THAT(r.out, HasSubstr("#### 62\n"));
  // The prompts as the template has them, with the answer alone.
  const std::string questions = kQuestions, answer = r.out.substr(0, r.out.find('\n'));
  const std::size_t end = questions.find('\n');
  const std::string first = "[unused9]系统：[unused10][unused9]用户：" + questions.substr(0, end) +
                            "[unused10][unused9]助手：";
  const std::string second = first + answer + "[unused10][unused9]用户：" +
                             questions.substr(end + 1, questions.size() - end - 2) +
                             "[unused10][unused9]助手：";
  const auto n = token_count("pangu-nano", first), m = token_count("pangu-nano", second);
  // All of the first prompt comes from the cache.
  EXPECT_THAT(r.err, HasSubstr("prompt  " + std::to_string(n + m) + " tokens (" +
                               std::to_string(n) + " cached)"));
}

TEST(CliReasoning, IsAPartOfItsOwn) {
  const std::string question(kQuestions, std::string_view(kQuestions).find('\n'));
  const auto json = run_program(nano({"-p", question, "--json", "-q"})).json();
  EXPECT_EQ(json["text"], "#### 62");
  EXPECT_THAT(json["reasoning"].get<std::string>(), HasSubstr("5*4=20"));
  EXPECT_THAT(json["reasoning"].get<std::string>(), Not(HasSubstr("unused")));
  const auto shown = run_program(nano({"-p", question, "--show-thinking", "-q"}));
  EXPECT_EQ(shown.out, "Thinking:\n" + json["reasoning"].get<std::string>() + "\n\nAnswer:\n" +
                           json["text"].get<std::string>() + "\n");
  const auto cut = run_program(nano({"-p", question, "--max-tokens", "4"}));
  EXPECT_EQ(cut.out, "\n");
  EXPECT_THAT(cut.err, HasSubstr("before the model came to an answer"));
  EXPECT_THAT(cut.err, HasSubstr("--show-thinking"));
}

TEST(CliReasoning, IsDimOnATerminal) {
  LiveProgram chat(nano(), LiveProgram::On::kTerminal);
  chat.wait_for("> ");
  chat.write(std::string(kQuestions, std::string_view(kQuestions).find('\n') + 1));
  chat.wait_for("\x1b[2mThinking:\r\n");
  chat.wait_for("=62\x1b[0m\r\n\r\nAnswer:\r\n#### 62\r\n");
  chat.wait_for("> ");
  chat.write("\x04");
  EXPECT_EQ(chat.wait(), 0);
  EXPECT_THAT(chat.output(), Not(HasSubstr("[unused")));
}

}  // namespace
}  // namespace pangu::test
