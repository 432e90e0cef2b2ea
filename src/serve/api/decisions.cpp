// SPDX-License-Identifier: Apache-2.0
#include "serve/api/decisions.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/common_prefix.h"
#include "runtime/engine_parts.h"
#include "runtime/score/scoring.h"
#include "serve/api/chat_messages.h"
#include "serve/api/model_steps.h"
#include "serve/api/openai_parts.h"
#include "serve/api/presentation.h"
#include "serve/api/prompt_checks.h"
#include "serve/api_error.h"
#include "serve/http/random_name.h"

namespace pangu::serve {
namespace {

constexpr std::size_t kMaxOptions = 26;  ///< each has a letter
constexpr std::size_t kMaxOrders = 16, kDefaultOrders = 4;
/// Orders in one step: with their pair, what all prompts begin with is computed once.
constexpr std::size_t kOrdersPerStep = 2;

std::string label(std::size_t place) {
  return std::string(1, static_cast<char>('A' + place));
}

/// What is asked.
struct Question {
  ChatRequest chat;   ///< its last message is the question
  std::string plain;  ///< in place of a conversation, for models without a template
  bool is_plain = false;
  std::vector<std::string> options;
  std::string instruction;

  std::string with_options(const std::string& text, const Presentation& order) const {
    std::string out = text + "\n";
    for (std::size_t place = 0; place < order.size(); ++place) {
      out += fmt::format("\n{}. {}", label(place), options[order[place]]);
    }
    return out + (instruction.empty() ? "" : "\n" + instruction);
  }

  /// The question in this order, answered with the letter of a place.
  std::vector<TokenId> prompt(const ServedModel& model, const Presentation& order,
                              std::size_t place) const {
    if (is_plain) {
      return text_prompt(model, with_options(plain, order) + "\nAnswer: " + label(place));
    }
    ChatRequest asked = chat;
    asked.messages.back().content = with_options(asked.messages.back().content, order);
    asked.answer = label(place);
    return conversation_prompt(model, asked);
  }
};

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

std::size_t read_orders(Fields& body, std::size_t options) {
  const std::size_t most = std::min(max_orders(options), kMaxOrders);
  const auto given = body.integer("orders", 1, static_cast<std::int64_t>(most));
  return given ? static_cast<std::size_t>(*given) : std::min(kDefaultOrders, most);
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

Question read_question(const ServedModel& model, Fields& body) {
  Question out{.options = read_options(body)};
  out.chat = body.has("prompt") ? prompt_chat(body) : read_chat(body);
  check_chat(out.chat);
  out.chat.options.thinking = Thinking::kFast;
  out.is_plain = body.has("prompt") && model.engine().tokenizer()->chat_template().empty();
  if (out.is_plain) out.plain = out.chat.messages.back().content;
  out.instruction =
      body.text("instruction")
          .value_or(out.is_plain ? "" : "Answer with the letter of the best option alone.");
  return out;
}

/// The prompts of each order, with every label behind them. What comes before a label ends in the
/// same way in all orders, so that labels are told from the first one.
std::vector<Scorer::Group> make_groups(const ServedModel& model, const Question& question,
                                       std::span<const Presentation> orders) {
  std::vector<std::vector<TokenId>> first;
  for (std::size_t place = 0; place < question.options.size(); ++place) {
    first.push_back(question.prompt(model, orders.front(), place));
  }
  std::int64_t from = std::ssize(first.front());
  for (const auto& ids : first) from = std::min(from, common_prefix(ids, first.front()));
  std::vector<Scorer::Group> out;
  for (const Presentation& order : orders) {
    std::vector<TokenId> base = question.prompt(model, order, 0);
    base.resize(base.size() - (first.front().size() - static_cast<std::size_t>(from)));
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

/// A decision on its way.
struct DecisionRun {
  std::string model;
  Question question;
  std::vector<Presentation> orders;
  std::vector<Scorer::Group> groups;
  std::unique_ptr<Scorer> scorer = {};
  std::vector<std::vector<double>> logprobs = {};  ///< of each order that was scored

  std::optional<OrderedJson> step(Engine& engine) {
    if (!scorer) scorer = make_scorer(engine);
    const std::size_t done = logprobs.size();
    const auto part =
        std::span(groups).subspan(done, std::min(kOrdersPerStep, groups.size() - done));
    for (const std::vector<TextScore>& scores : scorer->score(part)) {
      logprobs.emplace_back();
      for (const TextScore& score : scores) logprobs.back().push_back(score.logprob);
    }
    if (logprobs.size() < groups.size()) return std::nullopt;
    return json();
  }

  /// With room for the orders of a step, each with pages of its own for every label.
  std::unique_ptr<Scorer> make_scorer(Engine& engine) const {
    std::int64_t longest = 0, label_tokens = 1;
    for (const Scorer::Group& group : groups) {
      for (const ScoredText& text : group) {
        longest = std::max(longest, std::ssize(text.ids));
        label_tokens = std::max(label_tokens, std::ssize(text.ids) - text.from);
      }
    }
    const std::int64_t of_label = whole_pages_around(label_tokens) + whole_pages_around(1);
    const std::int64_t each = whole_pages_around(longest) + std::ssize(question.options) * of_label;
    return std::make_unique<Scorer>(
        EngineParts::model(engine), EngineParts::context(engine),
        ScorerOptions{.context = longest,
                      .cache_positions = each * static_cast<std::int64_t>(kOrdersPerStep),
                      .kv = EngineParts::kv_format(engine)});
  }

  OrderedJson json() const {
    const Decision decision = decide(orders, logprobs);
    OrderedJson options = OrderedJson::array(), by_order = OrderedJson::array();
    for (std::size_t i = 0; i < question.options.size(); ++i) {
      options.push_back({{"index", i},
                         {"text", question.options[i]},
                         {"probability", decision.probabilities[i]}});
    }
    for (std::size_t o = 0; o < orders.size(); ++o) {
      by_order.push_back({{"order", orders[o]}, {"probabilities", decision.by_order[o]}});
    }
    const OrderedJson choice = options[decision.choice];
    const ScoreStats& stats = scorer->stats();
    const std::int64_t prompt = stats.tokens + stats.shared_tokens;
    return {{"id", random_name("dec-")},
            {"object", "decision"},
            {"created", unix_time()},
            {"model", model},
            {"choice", choice},
            {"options", std::move(options)},
            {"agreement", decision.agreement},
            {"label_mass", decision.label_mass},
            {"orders", std::move(by_order)},
            {"usage",
             {{"prompt_tokens", prompt},
              {"total_tokens", prompt},
              {"prompt_tokens_details", {{"cached_tokens", stats.shared_tokens}}}}}};
  }
};

}  // namespace

void decisions(ServedModel& model, Fields& body, const RequestLimits& /*limits*/,
               const ExchangePtr& exchange) {
  const auto run = std::make_shared<DecisionRun>(
      DecisionRun{.model = model.name(), .question = read_question(model, body)});
  run->orders = presentation_orders(run->question.options.size(),
                                    read_orders(body, run->question.options.size()));
  run->groups = make_groups(model, run->question, run->orders);
  run_steps(model, {.exchange = exchange, .ignored = body.unused()},
            [run](Engine& engine) { return run->step(engine); });
}

}  // namespace pangu::serve
