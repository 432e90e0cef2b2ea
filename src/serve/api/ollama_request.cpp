// SPDX-License-Identifier: Apache-2.0
#include "serve/api/ollama_request.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/generate/chat_prompt.h"
#include "serve/api/conversation.h"
#include "serve/api/refusals.h"
#include "serve/api/tool_fields.h"

namespace pangu::serve {
namespace {

/// Calls without ids, and with arguments that are objects.
void add_ollama_calls(Conversation& out, Fields& message) {
  const OrderedJson* calls = message.find("tool_calls");
  if (calls == nullptr) return;
  if (!calls->is_array()) message.reject("tool_calls", "an array of calls");
  for (std::size_t i = 0; i < calls->size(); ++i) {
    const std::string path = fmt::format("{}.{}.", message.name("tool_calls"), i);
    Fields call((*calls)[i], path);
    Fields function(call.needed("function"), path + "function.");
    const OrderedJson* arguments = function.find("arguments");
    out.add_call(call.text("id").value_or(fmt::format("call_{}", i)), function.needed_text("name"),
                 arguments != nullptr ? json_text(*arguments) : "{}");
  }
}

void add_ollama_message(Conversation& out, Fields message) {
  const std::string role = message.needed_text("role");
  refuse_unless_empty(message, "images", "This model reads text alone, no images.");
  std::string content = message.text("content").value_or("");
  if (role == "assistant") {
    if (const auto thinking = message.text("thinking"); thinking && !thinking->empty()) {
      out.add_reasoning(*thinking);
    }
    if (!content.empty() || !message.has("tool_calls")) out.add_answer(content);
    return add_ollama_calls(out, message);
  }
  if (role == "tool") {
    return out.add_result(message.text("tool_call_id").value_or(""), std::move(content),
                          message.text("tool_name").value_or(""));
  }
  if (role != "user" && role != "system") {
    message.reject("role", "system, user, assistant or tool");
  }
  out.add(role, std::move(content));
}

/// true, false, or how much.
Thinking read_think(Fields& body) {
  const OrderedJson* think = body.find("think");
  if (think == nullptr) return Thinking::kDefault;
  if (think->is_boolean()) return think->get<bool>() ? Thinking::kSlow : Thinking::kFast;
  return read_effort(body, "think");
}

void read_ollama_options(Fields& options, const SamplingOptions& advised,
                         const RequestLimits& limits, GenerateOptions& out) {
  out.sampling = read_sampling(options, advised);
  if (const auto n = options.integer("repeat_last_n", -1, INT32_MAX)) {
    out.sampling.penalty_last_n = static_cast<int>(*n);
  }
  // -1 and -2: until the context is full.
  if (const auto n = options.integer("num_predict", -2, kAnyLength)) {
    out.max_tokens = *n < 0 ? -1 : *n;
  }
  out.stop = read_stops(options, "stop", limits);
}

}  // namespace

ChatRequest read_ollama_chat(Fields& body) {
  const OrderedJson* messages = body.find("messages");
  Conversation conversation;
  if (messages != nullptr) {
    if (!messages->is_array()) body.reject("messages", "an array of messages");
    for (std::size_t i = 0; i < messages->size(); ++i) {
      add_ollama_message(conversation, Fields((*messages)[i], fmt::format("messages.{}.", i)));
    }
  }
  ChatRequest out = conversation.finish("messages");
  out.options.thinking = read_think(body);
  offer_tools(out, read_openai_tools(body), {});
  body.ignore({"keep_alive"});  // models stay
  return out;
}

OllamaPrompt read_ollama_prompt(Fields& body) {
  OllamaPrompt out;
  const std::string prompt = body.text("prompt").value_or("");
  const std::string system = body.text("system").value_or("");
  out.is_raw = body.boolean("raw").value_or(false);
  out.empty = prompt.empty();
  out.chat.options.thinking = read_think(body);
  if (out.is_raw) {
    refuse_unless_empty(body, "system",
                        "A raw prompt is all that the model reads: leave system "
                        "or raw out.");
    out.raw = prompt;
  } else {
    if (!system.empty()) out.chat.messages.push_back({.role = "system", .content = system});
    out.chat.messages.push_back({.role = "user", .content = prompt});
  }
  refuse_unless_empty(body, "suffix", "This server does not fill in between prompt and suffix.");
  refuse_unless_empty(body, "images", "This model reads text alone, no images.");
  refuse_unless_empty(body, "template", "This server takes no templates from clients.");
  refuse_unless_empty(body, "context",
                      "This server takes no conversations as tokens: send messages to /api/chat.");
  body.ignore({"keep_alive"});
  return out;
}

ReplyWishes read_ollama_wishes(Fields& body, const SamplingOptions& advised,
                               const RequestLimits& limits) {
  ReplyWishes out;
  static const OrderedJson kNoOptions = OrderedJson::object();
  auto given = body.object("options");
  Fields options = given ? std::move(*given) : Fields(kNoOptions, "options.");
  read_ollama_options(options, advised, limits, out.options);
  body.include_unused(options);
  out.stream = body.boolean("stream").value_or(true);
  return out;
}

}  // namespace pangu::serve
