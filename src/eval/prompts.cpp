// SPDX-License-Identifier: Apache-2.0
#include "eval/prompts.h"

#include "base/utf8.h"
#include "runtime/generate/chat_prompt.h"

namespace pangu::eval {
namespace {

std::string tests_text(const CodeRow& row) {
  std::string text;
  for (const std::string& test : row.tests) text += test + "\n";
  return text;
}

/// A row that says how a chat is to ask it: in its own words and no others.
PromptText with_own_words(PromptText text, const std::string& chat_prompt,
                          const std::string& answer) {
  if (!chat_prompt.empty()) text.chat = {chat_prompt, answer};
  return text;
}

PromptText mbpp_prompt(const CodeRow& row) {
  // Austin et al. 2021, arXiv:2108.07732, appendix A.
  const std::string task =
      "You are an expert Python programmer, and here is your task: " + row.prompt +
      " Your code should pass these tests:\n\n" + tests_text(row);
  return {.plain = {task + "[BEGIN]\n", row.reference + "\n[DONE]"},
          .chat = {is_chinese(row.prompt)
                       ? "请编写 Python 函数完成下面的任务：" + row.prompt +
                             "\n\n代码应当通过这些测试：\n\n```python\n" + tests_text(row) +
                             "```\n\n请把完整的代码写在一个代码块里。"
                       : "Write a Python function for this task: " + row.prompt +
                             "\n\nYour code should pass these tests:\n\n```python\n" +
                             tests_text(row) + "```\n\nGive the complete code in one code block.",
                   "```python\n" + row.reference + "\n```"},
          .separator = "\n\n",
          .stop = {"[DONE]"}};
}

PromptText human_eval_prompt(const CodeRow& row) {
  // Chen et al. 2021, arXiv:2107.03374: the prompt is the head of the function.
  return {.plain = {row.prompt, row.reference},
          .chat = {"Complete this Python function. Give the complete function in one code "
                   "block.\n\n```python\n" +
                       row.prompt + "```",
                   "```python\n" + row.prompt + row.reference + "```"},
          .separator = "\n\n",
          .stop = {"\nclass ", "\ndef ", "\n#", "\nif ", "\nprint(", "\n@", "\n```"}};
}

PromptText gsm8k_prompt(const MathRow& row) {
  const bool chinese = is_chinese(row.question);
  const std::string ask =
      chinese ? "\n\n请逐步推理，并在最后一行以“#### 数字”的形式写出答案。"
              : "\n\nThink step by step, and end with the answer on a line of its own in the form "
                "\"#### NUMBER\".";
  return {.plain = {chinese ? "问题：" + row.question + "\n答案："
                            : "Question: " + row.question + "\nAnswer:",
                    chinese ? row.answer : " " + row.answer},
          .chat = {row.question + ask, row.answer},
          .separator = "\n\n",
          .stop = {"\nQuestion:", "\n问题："}};
}

}  // namespace

bool is_chinese(std::string_view text) {
  std::size_t chinese = 0, latin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = utf8::next(text, at);
    if (c >= 0x4E00 && c <= 0x9FFF) ++chinese;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) ++latin;
  }
  // A Chinese word has two characters, a Latin one five.
  return chinese * 5 > latin * 2;
}

PromptText prompt_of(const MathRow& row) {
  return with_own_words(gsm8k_prompt(row), row.chat_prompt, row.answer);
}

PromptText prompt_of(const CodeRow& row) {
  return with_own_words(
      row.form == CodeRow::Form::kMbpp ? mbpp_prompt(row) : human_eval_prompt(row), row.chat_prompt,
      row.reference);
}

PromptText prompt_of(const MatchRow& row) {
  return {.plain = {row.prompt, row.answer},
          .chat = {row.prompt, row.answer},
          .separator = "\n\n",
          .stop = {}};
}

std::vector<Message> conversation_of(const PromptText& item, const std::vector<PromptText>& shots) {
  std::vector<Message> messages;
  for (const PromptText& shot : shots) {
    messages.push_back({.role = "user", .content = shot.chat.question});
    messages.push_back({.role = "assistant", .content = shot.chat.answer});
  }
  messages.push_back({.role = "user", .content = item.chat.question});
  return messages;
}

std::vector<TokenId> encode_prompt(const Model& model, const PromptText& item,
                                   const std::vector<PromptText>& shots, bool chat,
                                   Thinking thinking) {
  if (chat) return chat_prompt(model, conversation_of(item, shots), thinking);
  std::string text;
  for (const PromptText& shot : shots) {
    text += shot.plain.question + shot.plain.answer + shot.separator;
  }
  // What a file says is text, even where it looks like a special token.
  return model.tokenizer->encode(text + item.plain.question, {.parse_special = false});
}

}  // namespace pangu::eval
