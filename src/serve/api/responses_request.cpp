// SPDX-License-Identifier: Apache-2.0
#include "serve/api/responses_request.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/generate/chat_prompt.h"
#include "serve/api/conversation.h"
#include "serve/api/openai_parts.h"
#include "serve/api/refusals.h"
#include "serve/api/response_format.h"
#include "serve/api/responses_tools.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

/// A string, or the texts of a list of parts; a refusal is a text, too.
std::string joined_parts(Fields& fields, std::string_view key) {
  const OrderedJson& content = fields.needed(key);
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) fields.reject(key, "a string, or an array of parts of text");
  std::string out;
  for (std::size_t i = 0; i < content.size(); ++i) {
    Fields part(content[i], fmt::format("{}.{}.", fields.name(key), i));
    const std::string type = part.needed_text("type");
    if (type == "refusal") {
      out += part.needed_text("refusal");
    } else if (type == "input_text" || type == "output_text" || type == "text" ||
               type == "summary_text" || type == "reasoning_text") {
      out += part.needed_text("text");
    } else {
      part.reject("type", "a part of text: this model reads nothing else");
    }
  }
  return out;
}

void add_message_item(Conversation& out, Fields& item) {
  const std::string role = item.needed_text("role");
  std::string text = joined_parts(item, "content");
  if (role == "assistant") {
    out.add_answer(text);
  } else if (role == "system" || role == "developer") {
    out.add("system", std::move(text));
  } else if (role == "user") {
    out.add("user", std::move(text));
  } else {
    item.reject("role", "user, assistant, system or developer");
  }
}

/// Thoughts in their own words, where the item has them, else as they were summed up.
void add_reasoning_item(Conversation& out, Fields& item) {
  for (const std::string_view key : {"content", "summary"}) {
    if (!item.has(key)) continue;
    const std::string text = joined_parts(item, key);
    if (!text.empty()) return out.add_reasoning(text);
  }
}

void refuse_reference(Fields& item) {
  // What the assistant thought in earlier turns is left out of prompts anyway.
  const std::string id = item.needed_text("id");
  if (id.starts_with("rs_")) return;
  throw bad_request(item.name("id"),
                    fmt::format("{} refers to an item that was stored, and this server stores "
                                "none: send the item itself (store: false).",
                                item.name("id")));
}

void add_item(Conversation& out, Fields item) {
  const std::string type = item.text("type").value_or("message");
  if (type == "message") return add_message_item(out, item);
  if (type == "reasoning") return add_reasoning_item(out, item);
  if (type == "item_reference") return refuse_reference(item);
  if (type == "function_call") {
    return out.add_call(item.needed_text("call_id"), item.needed_text("name"),
                        item.needed_text("arguments"));
  }
  if (type != "function_call_output") {
    item.reject("type",
                "message, reasoning, function_call, function_call_output or item_reference");
  }
  std::string output = joined_parts(item, "output");
  out.add_result(item.needed_text("call_id"), std::move(output));
}

void add_input(Conversation& out, Fields& body) {
  const OrderedJson& input = body.needed("input");
  if (input.is_string()) return out.add("user", input.get<std::string>());
  if (!input.is_array()) body.reject("input", "a string, or an array of items");
  for (std::size_t i = 0; i < input.size(); ++i) {
    add_item(out, Fields(input[i], fmt::format("input.{}.", i)));
  }
  // Clients ask with nothing, to see whether anybody answers.
  if (input.empty()) out.add("user", "");
}

void refuse_logprobs(Fields& body) {
  const OrderedJson* include = body.find("include");
  const bool asks =
      include != nullptr && include->is_array() &&
      std::ranges::find(*include, OrderedJson("message.output_text.logprobs")) != include->end();
  if (asks || body.integer("top_logprobs", 0, kAnyLength).value_or(0) > 0) {
    throw bad_request(asks ? "include" : "top_logprobs",
                      "Log-probabilities come with /v1/chat/completions.");
  }
}

Json echoed(Fields& body, std::string_view key, const Json& otherwise = nullptr) {
  const OrderedJson* value = body.find(key);
  return value == nullptr ? otherwise : Json(*value);
}

}  // namespace

ChatRequest read_responses_chat(Fields& body) {
  Conversation conversation;
  if (const auto instructions = body.text("instructions"); instructions && !instructions->empty()) {
    conversation.add("system", *instructions);
  }
  add_input(conversation, body);
  ChatRequest out = conversation.finish("input");
  if (auto reasoning = body.object("reasoning")) {
    out.options.thinking = read_effort(*reasoning, "effort");
    reasoning->ignore({"summary", "generate_summary"});
    body.include_unused(*reasoning);
  }
  read_responses_tools(body, out);
  return out;
}

std::shared_ptr<const OutputGrammar> read_responses_format(Fields& body, const ServedModel& model) {
  auto text = body.object("text");
  if (!text) return nullptr;
  std::shared_ptr<const OutputGrammar> out;
  if (auto format = text->object("format")) out = read_format(*format, model);
  text->ignore({"verbosity"});
  body.include_unused(*text);
  return out;
}

ReplyWishes read_responses_wishes(Fields& body, const SamplingOptions& advised,
                                  const RequestLimits& limits) {
  ReplyWishes out;
  out.options.sampling = read_sampling(body, advised);
  out.options.split_reasoning = true;
  if (const auto most = body.integer("max_output_tokens", 0, kAnyLength)) {
    out.options.max_tokens = *most;
  }
  out.options.stop = read_stops(body, "stop", limits);
  out.stream = body.boolean("stream").value_or(false);
  return out;
}

void refuse_responses_unsupported(Fields& body) {
  refuse_unless_empty(body, "previous_response_id",
                      "This server keeps no responses: send the whole conversation as input "
                      "instead of previous_response_id.");
  refuse_unless_empty(body, "conversation",
                      "This server keeps no conversations: send all of it as input.");
  refuse_unless_empty(body, "background",
                      "This server keeps no responses that could be asked for later.");
  refuse_unless_empty(body, "prompt", "This server keeps no prompts: send instructions and input.");
  refuse_logprobs(body);
  if (auto stream = body.object("stream_options")) stream->ignore({"include_obfuscation"});
  // max_tool_calls is of tools that the server runs, of which there are none.
  body.ignore({"store", "metadata", "max_tool_calls", "prompt_cache_key", "prompt_cache_retention",
               "safety_identifier", "service_tier", "truncation", "user", "client_metadata"});
}

Json response_head(Fields& body, const std::string& model, const ReplyWishes& wishes) {
  Json reasoning = {{"effort", nullptr}, {"summary", nullptr}};
  if (auto given = body.object("reasoning")) {
    for (const char* key : {"effort", "summary"}) reasoning[key] = echoed(*given, key);
  }
  Json format = {{"type", "text"}};
  if (auto text = body.object("text")) format = echoed(*text, "format", format);
  const SamplingOptions& sampling = wishes.options.sampling;
  return {{"object", "response"},
          {"created_at", unix_time()},
          {"model", model},
          {"background", false},
          {"error", nullptr},
          {"incomplete_details", nullptr},
          {"instructions", echoed(body, "instructions")},
          {"max_output_tokens", echoed(body, "max_output_tokens")},
          {"max_tool_calls", nullptr},
          {"metadata", echoed(body, "metadata", Json::object())},
          {"output", Json::array()},
          {"parallel_tool_calls", echoed(body, "parallel_tool_calls", true)},
          {"previous_response_id", nullptr},
          {"prompt_cache_key", echoed(body, "prompt_cache_key")},
          {"reasoning", std::move(reasoning)},
          {"safety_identifier", echoed(body, "safety_identifier")},
          {"service_tier", "default"},
          {"store", false},
          {"temperature", short_number(sampling.temperature)},
          {"text", {{"format", std::move(format)}}},
          {"tool_choice", echoed(body, "tool_choice", "auto")},
          {"tools", offered_functions(body)},
          {"top_logprobs", 0},
          {"top_p", short_number(sampling.top_p)},
          {"truncation", "disabled"},
          {"usage", nullptr},
          {"user", echoed(body, "user")}};
}

}  // namespace pangu::serve
