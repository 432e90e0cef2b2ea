// SPDX-License-Identifier: Apache-2.0
#include "serve/api/anthropic_request.h"

#include <fmt/format.h>

#include <utility>

#include "runtime/generate/chat_prompt.h"
#include "serve/api/anthropic_tools.h"
#include "serve/api/conversation.h"
#include "serve/api/refusals.h"
#include "serve/api/response_format.h"

namespace pangu::serve {
namespace {

constexpr std::string_view kBillingPrefix = "x-anthropic-";

/// Calls `take` with each block of a list, a text being a list of one.
template <class Take>
void for_blocks(Fields& fields, std::string_view key, Take take) {
  const OrderedJson& content = fields.needed(key);
  if (content.is_string()) {
    const OrderedJson block = {{"type", "text"}, {"text", content}};
    Fields one(block, fields.name(key) + ".");
    return take("text", one);
  }
  if (!content.is_array()) fields.reject(key, "a string, or an array of blocks");
  for (std::size_t i = 0; i < content.size(); ++i) {
    Fields block(content[i], fmt::format("{}.{}.", fields.name(key), i));
    take(block.needed_text("type"), block);
  }
}

[[noreturn]] void refuse_block(Fields& block) {
  block.reject("type", "a block that this model can read, such as text");
}

/// Texts of a list of text blocks, a line each.
std::string joined_blocks(Fields& fields, std::string_view key) {
  std::string out;
  for_blocks(fields, key, [&](const std::string& type, Fields& block) {
    if (type != "text") refuse_block(block);
    const std::string text = block.needed_text("text");
    if (text.starts_with(kBillingPrefix)) return;
    if (!out.empty()) out += '\n';
    out += text;
  });
  return out;
}

void add_result_block(Conversation& out, Fields& block) {
  std::string text = block.has("content") ? joined_blocks(block, "content") : "";
  out.add_result(block.needed_text("tool_use_id"), std::move(text));
}

void add_user(Conversation& out, Fields& message) {
  std::optional<std::string> text;
  const auto flush = [&] {
    if (text) out.add("user", *std::exchange(text, std::nullopt));
  };
  for_blocks(message, "content", [&](const std::string& type, Fields& block) {
    if (type == "tool_result") {
      flush();
      return add_result_block(out, block);
    }
    if (type != "text") refuse_block(block);
    text = (text ? *text + "\n" : "") + block.needed_text("text");
  });
  flush();
}

void add_assistant(Conversation& out, Fields& message) {
  for_blocks(message, "content", [&](const std::string& type, Fields& block) {
    if (type == "text") {
      out.add_answer(block.needed_text("text"));
    } else if (type == "thinking") {
      out.add_reasoning(block.needed_text("thinking"));
    } else if (type == "tool_use") {
      const auto input = block.find("input");
      out.add_call(block.needed_text("id"), block.needed_text("name"),
                   input != nullptr ? json_text(*input) : "{}");
    } else if (type != "redacted_thinking") {  // thoughts that nobody here can read
      refuse_block(block);
    }
  });
}

void add_message(Conversation& out, Fields message) {
  const std::string role = message.needed_text("role");
  if (role == "user") return add_user(out, message);
  if (role == "assistant") return add_assistant(out, message);
  if (role != "system") message.reject("role", "user, assistant or system");
  out.add("system", joined_blocks(message, "content"));
}

Thinking read_anthropic_thinking(Fields& body, GenerateOptions& options) {
  auto thinking = body.object("thinking");
  if (!thinking) return Thinking::kDefault;
  const std::string type = thinking->needed_text("type");
  if (const auto budget = thinking->integer("budget_tokens", 0, kAnyLength)) {
    options.think_budget = *budget;
  }
  thinking->ignore({"display"});
  body.include_unused(*thinking);
  if (type == "enabled") return Thinking::kSlow;
  if (type == "disabled") return Thinking::kFast;
  if (type != "adaptive") thinking->reject("type", "enabled, disabled or adaptive");
  return Thinking::kDefault;
}

/// What this server does not do must not look done.
void refuse_anthropic_unsupported(Fields& body) {
  refuse_unless_empty(body, "mcp_servers", "This server reaches no other servers.");
  refuse_unless_empty(body, "container", "This server runs no code.");
  body.ignore({"metadata", "service_tier", "cache_control"});
}

}  // namespace

ChatRequest read_anthropic_chat(Fields& body, GenerateOptions& options) {
  const OrderedJson& messages = body.needed("messages");
  if (!messages.is_array() || messages.empty()) {
    body.reject("messages", "an array of at least one message");
  }
  Conversation conversation;
  if (body.has("system")) {
    std::string system = joined_blocks(body, "system");
    if (!system.empty()) conversation.add("system", std::move(system));
  }
  for (std::size_t i = 0; i < messages.size(); ++i) {
    add_message(conversation, Fields(messages[i], fmt::format("messages.{}.", i)));
  }
  ChatRequest out = conversation.finish("messages");
  out.options.thinking = read_anthropic_thinking(body, options);
  read_anthropic_tools(body, out);
  refuse_anthropic_unsupported(body);
  return out;
}

std::shared_ptr<const OutputGrammar> read_anthropic_format(Fields& body, const ServedModel& model) {
  auto config = body.object("output_config");
  std::optional<Fields> format = config ? config->object("format") : body.object("output_format");
  std::shared_ptr<const OutputGrammar> out;
  if (format) out = read_format(*format, model);
  if (config) body.include_unused(*config);
  return out;
}

ReplyWishes read_anthropic_wishes(Fields& body, const SamplingOptions& advised,
                                  const RequestLimits& limits) {
  ReplyWishes out;
  out.options.sampling = read_sampling(body, advised);
  out.options.split_reasoning = true;
  if (const auto most = body.integer("max_tokens", 1, kAnyLength)) out.options.max_tokens = *most;
  out.options.stop = read_stops(body, "stop_sequences", limits);
  out.stream = body.boolean("stream").value_or(false);
  return out;
}

}  // namespace pangu::serve
