// SPDX-License-Identifier: Apache-2.0
#include "adaptive/explore/answered_texts.h"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "eval/prompts.h"
#include "eval/tasks.h"
#include "runtime/cache/context_length.h"
#include "runtime/generate/chat_prompt.h"

namespace pangu::adaptive {
namespace {

/// A question and its answer.
template <class Row>
eval::Exchange exchange_of(const Row& row, bool chat) {
  if constexpr (std::is_same_v<Row, eval::ChoiceRow>) {
    return {row.prompt, row.choices[row.answer]};
  } else if constexpr (std::is_same_v<Row, eval::TextRow>) {
    return {};
  } else {
    const eval::PromptText text = eval::prompt_of(row);
    return chat ? text.chat : text.plain;
  }
}

class AnsweredTexts {
 public:
  AnsweredTexts(const Model& model, std::int64_t positions)
      : model_(model),
        left_(positions),
        context_(default_context(model.config())),
        chat_(model.tokenizer && !model.tokenizer->chat_template().empty()) {
    if (chat_ && model.chat_template().thinking_style() != ThinkingStyle::kNone) {
      thinking_ = Thinking::kFast;
    }
  }

  /// Takes item `i` of a task if there is one and room.
  bool take(const KindTask& task, std::int64_t i) {
    const eval::EvalData data = task.items(ItemPart::kMeasured, i, 1);
    return std::visit(
        [&](const auto& rows) {
          if (rows.empty() || left_ <= 0) return false;
          add(exchange_of(rows.front(), chat_));
          return true;
        },
        data.rows);
  }

  std::vector<eval::ReferenceText> texts;

 private:
  void add(const eval::Exchange& exchange) {
    ScoredText text;
    std::vector<TokenId> question;
    if (chat_) {
      const std::vector<Message> messages = {{.role = "user", .content = exchange.question}};
      question = chat_prompt(model_, messages, thinking_);
      text.ids = chat_prompt(model_, messages, thinking_, exchange.answer);
    } else {
      question = model_.tokenizer->encode(exchange.question, {.parse_special = false});
      text.ids =
          model_.tokenizer->encode(exchange.question + exchange.answer, {.parse_special = false});
    }
    text.from = eval::split_at(question, text.ids);
    const auto length = std::min({std::ssize(text.ids), context_, text.from + left_});
    if (text.from < 1 || text.from >= length) return;
    text.ids.resize(static_cast<std::size_t>(length));
    left_ -= length - text.from;
    texts.push_back(
        {.info = {.line = std::ssize(texts) + 1, .groups = {}}, .passages = {std::move(text)}});
  }

  const Model& model_;
  std::int64_t left_, context_;
  bool chat_;
  Thinking thinking_ = Thinking::kDefault;
};

}  // namespace

std::vector<eval::ReferenceText> answered_texts(const Model& model, std::span<const KindTask> tasks,
                                                std::int64_t positions) {
  if (!model.tokenizer) return {};
  AnsweredTexts out(model, positions);
  for (std::int64_t i = 0, taken = 1; taken > 0; ++i) {
    taken = 0;
    for (const KindTask& task : tasks) taken += out.take(task, i);
  }
  return std::move(out.texts);
}

}  // namespace pangu::adaptive
