// SPDX-License-Identifier: Apache-2.0
#include "serve/api/openai_chat.h"

#include <utility>

#include "runtime/generate/chat_prompt.h"
#include "serve/api/chat_messages.h"
#include "serve/api/openai_parts.h"
#include "serve/api/prompt_checks.h"
#include "serve/api/response_format.h"
#include "serve/http/random_name.h"

namespace pangu::serve {
namespace {

class ChatProtocol final : public Protocol {
 public:
  ChatProtocol(std::string model, std::shared_ptr<const Tokenizer> tokenizer, ReplyWishes wishes)
      : model_(std::move(model)), tokenizer_(std::move(tokenizer)), wishes_(std::move(wishes)) {}

  std::string stream_begin() override {
    std::string out;
    for (std::int64_t i = 0; i < wishes_.choices; ++i) {
      out += event(static_cast<std::size_t>(i), {{"role", "assistant"}, {"content", ""}}, nullptr,
                   nullptr);
    }
    return out;
  }

  std::string stream_token(std::size_t choice, const GeneratedToken& token) override {
    std::string out;
    // Log-probabilities go with every token, text with the one that completes it.
    const Json logprobs = has_logprobs() && token.id >= 0
                              ? Json{{"content", Json::array({logprob_json(*tokenizer_, token)})},
                                     {"refusal", nullptr}}
                              : Json();
    if (!token.reasoning.empty()) {
      out += event(choice, {{"reasoning_content", token.reasoning}},
                   token.text.empty() ? logprobs : Json(), nullptr);
    }
    for (const ToolCallDelta& call : token.tool_calls) {
      out +=
          event(choice, {{"tool_calls", Json::array({call_delta_json(call)})}}, nullptr, nullptr);
    }
    const bool carries = !logprobs.is_null() && token.reasoning.empty();
    if (!token.text.empty() || carries) {
      out += event(choice, {{"content", token.text}}, logprobs, nullptr);
    }
    return out;
  }

  std::string stream_choice_end(std::size_t choice, const Generation& generation) override {
    return event(choice, Json::object(), nullptr, finish_reason(generation));
  }

  std::string stream_end(const std::vector<Choice>& choices) override {
    std::string out;
    if (wishes_.include_usage) {
      Json last = head("chat.completion.chunk");
      last["choices"] = Json::array();
      last["usage"] = usage_json(choices, choices.size());
      last["timings"] = timings_json(choices, wishes_.options.sampling.seed);
      out = sse(last);
    }
    return out + std::string(kSseDone);
  }

  const std::string& id() const { return id_; }

  std::string stream_error(const ApiError& error) override { return sse(error_json(error)); }

  bool keeps_tokens() const override { return has_logprobs() && !wishes_.stream; }

  OrderedJson whole(const std::vector<Choice>& choices) override {
    Json out = head("chat.completion");
    out["choices"] = Json::array();
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const Generation& g = *choices[i].generation;
      Json message = {{"role", "assistant"}, {"content", g.text}, {"refusal", nullptr}};
      if (!g.tool_calls.empty()) {
        if (g.text.empty()) message["content"] = nullptr;
        message["tool_calls"] = calls_json(g.tool_calls);
      }
      if (!g.reasoning.empty()) message["reasoning_content"] = g.reasoning;
      out["choices"].push_back({{"index", i},
                                {"message", std::move(message)},
                                {"logprobs", whole_logprobs(choices[i])},
                                {"finish_reason", finish_reason(g)}});
    }
    out["usage"] = usage_json(choices, choices.size());
    out["timings"] = timings_json(choices, wishes_.options.sampling.seed);
    return out;
  }

 private:
  bool has_logprobs() const { return wishes_.options.top_logprobs >= 0; }

  Json whole_logprobs(const Choice& choice) const {
    if (!has_logprobs()) return nullptr;
    Json content = Json::array();
    for (const GeneratedToken& token : choice.tokens) {
      if (token.id >= 0) content.push_back(logprob_json(*tokenizer_, token));
    }
    return {{"content", std::move(content)}, {"refusal", nullptr}};
  }

  Json head(const char* object) const {
    return {{"id", id_}, {"object", object}, {"created", created_}, {"model", model_}};
  }

  std::string event(std::size_t choice, Json delta, Json logprobs, Json finish) const {
    Json out = head("chat.completion.chunk");
    out["choices"] = Json::array({{{"index", choice},
                                   {"delta", std::move(delta)},
                                   {"logprobs", std::move(logprobs)},
                                   {"finish_reason", std::move(finish)}}});
    if (wishes_.include_usage) out["usage"] = nullptr;
    return sse(out);
  }

  std::string model_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  ReplyWishes wishes_;
  std::string id_ = random_name("chatcmpl-");
  std::int64_t created_ = unix_time();
};

/// logprobs and top_logprobs; -1: none.
int read_logprobs(Fields& body, const RequestLimits& limits) {
  const bool wanted = body.boolean("logprobs").value_or(false);
  const auto top = body.integer("top_logprobs", 0, limits.max_top_logprobs);
  if (top && !wanted) {
    throw bad_request("top_logprobs",
                      "top_logprobs says how many alternatives come with logprobs, "
                      "which is not true: set it, or leave both out.");
  }
  return wanted ? static_cast<int>(top.value_or(0)) : -1;
}

/// The thinking of a reply may be ended by the name that its answer has.
void let_thinking_end(const std::string& id, ReplyWishes& wishes, ReplyContext& context) {
  auto [token, registration] = context.thinking_requests->listen(id, context.client);
  wishes.options.end_thinking = token;
  context.on_end = [on_end = std::move(context.on_end),
                    registration = std::move(registration)](const std::vector<Choice>& choices) {
    if (on_end) on_end(choices);
  };
}

}  // namespace

void chat_completions(ServedModel& model, Fields& body, const RequestLimits& limits,
                      ReplyContext context) {
  const ChatRequest chat = read_chat(body);
  ReplyWishes wishes = read_reply_wishes(body, model.engine(), limits);
  wishes.options.top_logprobs = read_logprobs(body, limits);
  wishes.options.split_reasoning = true;
  if (const auto budget = body.integer("thinking_budget", 0, kAnyLength)) {
    wishes.options.think_budget = *budget;
  }
  wishes.options.grammar = read_response_format(body, model);
  hold_to_tools(model, chat.tools, chat.tool_choice, body, wishes.options);
  body.ignore(
      {"user", "store", "metadata", "service_tier", "prompt_cache_key", "safety_identifier"});
  auto protocol = std::make_unique<ChatProtocol>(model.name(), model.engine().tokenizer(), wishes);
  if (body.boolean("reasoning_control").value_or(false)) {
    let_thinking_end(protocol->id(), wishes, context);
  }
  const std::vector<TokenId> prompt = conversation_prompt(model, chat, context.thinking);
  reply_to_prompt(model, prompt, wishes, body.unused(), std::move(protocol), std::move(context));
}

}  // namespace pangu::serve
