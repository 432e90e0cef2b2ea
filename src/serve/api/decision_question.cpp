// SPDX-License-Identifier: Apache-2.0
#include "serve/api/decision_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/common_prefix.h"
#include "serve/api/prompt_checks.h"
#include "serve/api_error.h"
#include "text/chat/chat_template.h"
#include "text/chat/thinking_markers.h"

namespace pangu::serve {
namespace {

constexpr std::size_t kMaxOptions = 26;  ///< each has a letter
constexpr std::size_t kMaxOrders = 16, kDefaultOrders = 4;

std::string label(std::size_t place) {
  return std::string(1, static_cast<char>('A' + place));
}

/// The options behind the question, in this order.
std::string with_options(const DecisionQuestion& question, const Presentation& order) {
  std::string out = question.chat.messages.back().content + "\n";
  for (std::size_t place = 0; place < order.size(); ++place) {
    out += fmt::format("\n{}. {}", label(place), question.options[order[place]]);
  }
  if (!question.instruction.empty()) out += "\n" + question.instruction;
  return out;
}

/// The question in this order, answered with the letter of a place.
std::vector<TokenId> prompt_of(const ServedModel& model, const DecisionQuestion& question,
                               const Presentation& order, std::size_t place) {
  const std::string text = with_options(question, order);
  if (question.is_plain) return text_prompt(model, text + "\nAnswer: " + label(place));
  ChatRequest asked = question.chat;
  asked.messages.back().content = text;
  const std::string answer = label(place);
  return checked_prompt(model, [&](std::int64_t most) {
    if (question.thinking.empty()) {
      asked.answer = answer;
      return conversation_tokens(model, asked, most);
    }
    std::vector<TokenId> ids = conversation_tokens(model, asked, most);
    const TextPiece reply[] = {{question.thinking, true}, {answer, false}};
    const std::vector<TokenId> written =
        model.engine().tokenizer()->encode(std::span(reply), {.add_bos = false, .add_eos = false});
    ids.insert(ids.end(), written.begin(), written.end());
    return ids;
  });
}

/// Models that are told by a tag not to think open and close their thinking all the same; those
/// with a switch have it in their prompts.
std::string thinking_before_answer(const ServedModel& model) {
  const Tokenizer& tokenizer = *model.engine().tokenizer();
  if (tokenizer.chat_template().empty() || !model.engine().can_think() ||
      model.model().chat_template().thinking_style() != ThinkingStyle::kTags) {
    return {};
  }
  const ThinkingMarkers markers = thinking_markers(tokenizer);
  return std::string(markers.begin) + std::string(markers.end);
}

std::vector<std::string> read_options(Fields& body) {
  static_cast<void>(body.needed("options"));
  const std::string expected =
      fmt::format("an array of 2 to {} different texts that are not empty", kMaxOptions);
  std::vector<std::string> out = body.texts("options", kMaxOptions);
  const std::set<std::string> different(out.begin(), out.end());
  if (out.size() < 2 || different.size() < out.size() || different.contains("")) {
    body.reject("options", expected);
  }
  return out;
}

/// A question that was asked as one text.
ChatRequest prompt_chat(Fields& body) {
  if (body.has("messages")) {
    throw bad_request("prompt", "prompt and messages both ask. One of them was expected.");
  }
  ChatRequest out;
  out.messages.push_back({.role = "user", .content = body.needed_text("prompt")});
  return out;
}

void check_chat(const ChatRequest& chat) {
  if (!chat.answer.empty() || chat.messages.back().role != "user") {
    throw bad_request("messages",
                      "The conversation does not end with the user's question, behind which the "
                      "options are listed.");
  }
  if (chat.options.thinking == Thinking::kSlow) {
    throw bad_request("reasoning_effort",
                      "A decision is taken without thinking first: leave reasoning_effort out.");
  }
  if (!chat.options.tools.empty()) {
    throw bad_request("tools", "A decision calls no tools: leave them out.");
  }
}

}  // namespace

DecisionQuestion read_decision_question(const ServedModel& model, Fields& body) {
  DecisionQuestion out{.options = read_options(body)};
  out.chat = body.has("prompt") ? prompt_chat(body) : read_chat(body);
  check_chat(out.chat);
  out.chat.options.thinking = Thinking::kFast;
  out.is_plain = body.has("prompt") && model.engine().tokenizer()->chat_template().empty();
  out.thinking = thinking_before_answer(model);
  out.instruction =
      body.text("instruction")
          .value_or(out.is_plain ? "" : "Answer with the letter of the best option alone.");
  return out;
}

std::vector<Presentation> read_orders(Fields& body, std::size_t options) {
  const std::size_t most = std::min(max_orders(options), kMaxOrders);
  const auto given = body.integer("orders", 1, static_cast<std::int64_t>(most));
  return presentation_orders(
      options, given ? static_cast<std::size_t>(*given) : std::min(kDefaultOrders, most));
}

/// What comes before a label ends in the same way in all orders, so that labels are told apart in
/// the first one.
std::vector<Scorer::Group> decision_groups(const ServedModel& model,
                                           const DecisionQuestion& question,
                                           std::span<const Presentation> orders) {
  std::vector<std::vector<TokenId>> first;
  for (std::size_t place = 0; place < question.options.size(); ++place) {
    first.push_back(prompt_of(model, question, orders.front(), place));
  }
  std::int64_t from = std::ssize(first.front());
  for (const auto& ids : first) from = std::min(from, common_prefix(ids, first.front()));
  for (const auto& ids : first) {
    if (std::ssize(ids) > from) continue;
    throw bad_request("model", "The tokenizer of this model cannot tell letters of options apart.");
  }
  const std::span label_ids = std::span(first.front()).subspan(static_cast<std::size_t>(from));
  std::vector<Scorer::Group> out;
  for (const Presentation& order : orders) {
    std::vector<TokenId> base = prompt_of(model, question, order, 0);
    if (!std::ranges::equal(std::span(base).last(label_ids.size()), label_ids)) {
      throw bad_request("options",
                        "Behind these options the tokenizer splits letters differently.");
    }
    base.resize(base.size() - label_ids.size());
    Scorer::Group group;
    for (const auto& ids : first) {
      ScoredText text{.ids = base, .from = std::ssize(base)};
      text.ids.insert(text.ids.end(), ids.begin() + from, ids.end());
      group.push_back(std::move(text));
    }
    out.push_back(std::move(group));
  }
  return out;
}

}  // namespace pangu::serve
