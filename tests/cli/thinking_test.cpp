// SPDX-License-Identifier: Apache-2.0
// --think-budget and --think-loops, and what run and eval say about thinking.
#include <gmock/gmock.h>

#include "tests/cli/program.h"

namespace pangu::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// What pangu-nano, the model of the source tree, thinks about.
constexpr const char* kSum =
    "Kate buys 5 flowers for 4 yuan each and pays with 82 yuan. How much change does Kate get?";

std::vector<std::string> asked(std::vector<std::string> more) {
  std::vector<std::string> args = {"run", "pangu-nano", "--chat", "--temp", "0", "-p", kSum};
  args.insert(args.end(), more.begin(), more.end());
  return args;
}

TEST(CliThinking, IsCountedApartFromTheAnswer) {
  const Json free = run_program(asked({"--json"})).json();
  EXPECT_EQ(free["thinking_end"], "model");
  const std::int64_t thought = free["thinking_tokens"], answered = free["answer_tokens"];
  EXPECT_GT(thought, 8);
  EXPECT_EQ(thought + answered + 2, free["completion_tokens"].get<std::int64_t>());
  const auto summary = run_program(asked({}));
  EXPECT_THAT(summary.err, HasSubstr("\nthought " + std::to_string(thought) +
                                     " tokens, answered with " + std::to_string(answered) + "\n"));
  const Json fast = run_program(asked({"--json", "-q", "--think", "fast"})).json();
  EXPECT_EQ(fast["thinking_tokens"], 0);
  EXPECT_EQ(fast["thinking_end"], "model");  // openPangu closes at once
  const Json plain = run_program({"run", "pangu-nano", "-p", "The capital of", "--json"}).json();
  EXPECT_EQ(plain["thinking_end"], "none");
  EXPECT_EQ(plain["answer_tokens"], plain["completion_tokens"]);
}

TEST(CliThinking, HasABudget) {
  const Json free = run_program(asked({"--json", "-q"})).json();
  const Json json = run_program(asked({"--json", "-q", "--think-budget", "4"})).json();
  EXPECT_EQ(json["thinking_tokens"], 4);
  EXPECT_EQ(json["thinking_end"], "budget");
  EXPECT_EQ(json["finish_reason"], "stop");
  EXPECT_THAT(json["text"].get<std::string>(), HasSubstr("#### "));
  EXPECT_THAT(free["reasoning"].get<std::string>(),
              StartsWith(json["reasoning"].get<std::string>()));
  const auto shown = run_program(asked({"--show-thinking", "--think-budget", "4"}));
  EXPECT_EQ(shown.out, "Thinking:\n" + json["reasoning"].get<std::string>() + "\n\nAnswer:\n" +
                           json["text"].get<std::string>() + "\n");
  EXPECT_THAT(shown.err, HasSubstr("; 1 of 1 closed by the budget\n"));
  const Json none = run_program(asked({"--json", "-q", "--think-budget", "0"})).json();
  EXPECT_EQ(none["reasoning"], "");
  EXPECT_EQ(none["thinking_end"], "budget");
  const Json enough = run_program(asked({"--json", "-q", "--think-budget", "1000"})).json();
  EXPECT_EQ(enough["ids"], free["ids"]);
}

TEST(CliThinking, LimitsWithoutEffectAreRefusedOrRemarkedOn) {
  const auto fast = run_program(asked({"--think", "fast", "--think-budget", "4"}));
  EXPECT_EQ(fast.status, 0);
  EXPECT_THAT(fast.err,
              HasSubstr("--think-budget limits thinking, but --think fast asks for none"));
  PANGU_NEEDS_SHARED_DATA();
  // A template without markers of thinking, which a vocabulary of Llama's kind does not have
  // either.
  ScratchDir scratch;
  const auto model = copy_model("stories260K", scratch);
  write_file(model / "chat_template.jinja",
             "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
  for (const char* option : {"--think-budget=4", "--think-loops=keep"}) {
    const auto r = run_program({"run", model.string(), "--chat", "-p", "x", option});
    EXPECT_EQ(r.status, 1) << r.err;
    EXPECT_THAT(r.err, HasSubstr("no markers of thinking"));
    EXPECT_EQ(r.out, "");
  }
  EXPECT_EQ(run_program({"run", model.string(), "--chat", "-p", "x", "--max-tokens", "3"}).status,
            0);
  write_file(scratch / "sums.jsonl", R"({"question":"1+1","answer":"#### 2"})"
                                     "\n");
  const auto eval = run_program({"eval", model.string(), "--task", "gsm8k", "--data",
                                 (scratch / "sums.jsonl").string(), "--think-budget", "4"});
  EXPECT_EQ(eval.status, 1) << eval.err;
  EXPECT_THAT(eval.err, HasSubstr("no markers of thinking"));
}

/// A model of another family whose prompts end within the thinking, and whose markers are spelled
/// by several tokens.
std::filesystem::path spelling_model(const ScratchDir& scratch) {
  const auto model = copy_model("stories260K", scratch);
  write_file(model / "chat_template.jinja",
             "{% for m in messages %}{{ m.content.split('</think>')[-1] }}{% endfor %}<think>\n");
  return model;
}

TEST(CliThinking, ThatGoesRoundIsClosedWithAWord) {
  PANGU_NEEDS_SHARED_DATA();
  ScratchDir scratch;
  const std::string model = spelling_model(scratch).string();
  // A small model that is rewarded for saying again what it said.
  const auto looped = [&](std::vector<std::string> more) {
    std::vector<std::string> args = {"run",
                                     model,
                                     "--chat",
                                     "-p",
                                     "Once upon a time",
                                     "--temp",
                                     "0",
                                     "--frequency-penalty",
                                     "-2",
                                     "--ignore-eos",
                                     "--max-tokens",
                                     "400",
                                     "--json"};
    args.insert(args.end(), more.begin(), more.end());
    return run_program(args);
  };
  const auto ended = looped({});
  const Json json = ended.json();
  ASSERT_EQ(json["thinking_end"], "loop") << ended.err;
  EXPECT_GE(json["thinking_tokens"], 256);
  EXPECT_GT(json["answer_tokens"], 0);
  EXPECT_THAT(json["reasoning"].get<std::string>(), HasSubstr("big, big, big, big, big"));
  EXPECT_THAT(ended.err, HasSubstr("thought the same over and over"));
  EXPECT_THAT(ended.err, HasSubstr("--think-loops keep"));
  EXPECT_THAT(ended.err, HasSubstr("; 1 of 1 closed as a loop\n"));
  const auto kept = looped({"--think-loops", "keep"});
  EXPECT_EQ(kept.json()["thinking_end"], "unfinished");
  EXPECT_EQ(kept.json()["thinking_tokens"], 400);
  EXPECT_THAT(kept.err, Not(HasSubstr("over and over")));
  EXPECT_THAT(kept.err, HasSubstr("; 1 of 1 unfinished\n"));
  const Json bounded = looped({"--think-budget", "10"}).json();
  EXPECT_EQ(bounded["thinking_end"], "budget");
  EXPECT_EQ(bounded["thinking_tokens"], 10);
  EXPECT_THAT(bounded["text"].get<std::string>(), Not(HasSubstr("think>")));
}

TEST(CliThinking, IsCountedInAnEvaluation) {
  ScratchDir scratch;
  const std::string data = (scratch / "sums.jsonl").string();
  std::string rows;
  for (int i = 0; i < 3; ++i) {
    Json row = {{"question", kSum}, {"answer", "#### 62"}, {"chat_prompt", kSum}};
    rows += row.dump() + "\n";
  }
  write_file(data, rows);
  const auto eval = [&](std::vector<std::string> more) {
    std::vector<std::string> args = {"eval", "pangu-nano", "--task", "gsm8k", "--data",
                                     data,   "--json",     "--spec", "pld"};
    args.insert(args.end(), more.begin(), more.end());
    return run_program(args);
  };
  const auto free = eval({});
  EXPECT_EQ(free.json()["score"], 1.0);
  EXPECT_EQ(free.json()["thinking"]["ended"]["model"], 3);
  EXPECT_EQ(free.json()["settings"]["think_budget"], Json());
  EXPECT_EQ(free.json()["settings"]["think_loops"], "end");
  const std::string out = (scratch / "out.jsonl").string();
  const auto closed = eval({"--think-budget", "4", "--output", out});
  const Json json = closed.json();
  EXPECT_EQ(json["thinking"]["ended"]["budget"], 3);
  EXPECT_EQ(json["thinking"]["replies"], 3);
  EXPECT_EQ(json["thinking"]["thinking_tokens"], 12);
  EXPECT_EQ(json["settings"]["think_budget"], 4);
  EXPECT_THAT(closed.err, HasSubstr("thought 12 tokens, answered with "));
  EXPECT_THAT(closed.err, HasSubstr("; 3 of 3 closed by the budget\n"));
  const std::string written = read_file(out);
  const Json item = Json::parse(written.substr(0, written.find('\n')));
  EXPECT_EQ(item["thinking_tokens"], 4);
  EXPECT_EQ(item["thinking_end"], "budget");
}

}  // namespace
}  // namespace pangu::test
