// SPDX-License-Identifier: Apache-2.0
#include "eval/prompts.h"

#include <gmock/gmock.h>

namespace pangu::eval {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Prompts, InstructionsFollowTheLanguageOfTheQuestion) {
  const MathRow english{.question = "How many apples are 2 apples?", .answer = "#### 2"};
  EXPECT_EQ(prompt_of(english).plain.question, "Question: How many apples are 2 apples?\nAnswer:");
  EXPECT_THAT(prompt_of(english).chat.question,
              AllOf(HasSubstr(english.question), HasSubstr("#### NUMBER")));
  const MathRow chinese{.question = "2个苹果是几个苹果？", .answer = "#### 2"};
  EXPECT_EQ(prompt_of(chinese).plain.question, "问题：2个苹果是几个苹果？\n答案：");
  EXPECT_THAT(prompt_of(chinese).chat.question, HasSubstr("请逐步推理"));
}

TEST(Prompts, ARowIsAskedInItsOwnWords) {
  MathRow math{.question = "Q?", .answer = "1+1=2\n#### 2", .chat_prompt = "Q, please?"};
  EXPECT_EQ(prompt_of(math).chat.question, "Q, please?");
  EXPECT_EQ(prompt_of(math).chat.answer, math.answer);
  EXPECT_EQ(prompt_of(math).plain.question, "Question: Q?\nAnswer:");
  for (const auto form : {CodeRow::Form::kMbpp, CodeRow::Form::kHumanEval}) {
    CodeRow code{.form = form,
                 .prompt = "p",
                 .reference = "def f(): pass",
                 .tests = {"assert f() is None"},
                 .chat_prompt = "Write f."};
    EXPECT_EQ(prompt_of(code).chat.question, "Write f.");
    EXPECT_EQ(prompt_of(code).chat.answer, "def f(): pass");
    code.chat_prompt.clear();
    EXPECT_THAT(prompt_of(code).chat.question, HasSubstr("one code block"));
  }
}

}  // namespace
}  // namespace pangu::eval
