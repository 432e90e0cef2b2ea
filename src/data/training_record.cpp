// SPDX-License-Identifier: Apache-2.0
#include "data/training_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "data/json_lines.h"
#include "io/json.h"

namespace pangu {
namespace {

/// Texts of data sets: messages tell where, which a JsonObject would call a config file.
const std::string& text_of(const Json& object, const char* key, std::string_view where) {
  const auto found = object.find(key);
  if (found == object.end()) {
    fail<ConfigError>(
        "[data] {}: the key '{}' is missing; a string was expected. Correct the line.", where, key);
  }
  if (!found->is_string()) {
    fail<ConfigError>("[data] {}: '{}' is {}; a string was expected. Correct the line.", where, key,
                      describe(*found));
  }
  return found->get_ref<const std::string&>();
}

/// A key for tools that the line of a chat has, with something in it; else nothing.
std::string tool_key_of(const Json& json) {
  const auto has = [](const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && !found->empty();
  };
  for (const char* key : {"tools", "functions"}) {
    if (has(json, key)) return key;
  }
  const Json& messages = json["messages"];
  const bool calls = std::ranges::any_of(
      messages, [&](const Json& message) { return has(message, "function_call"); });
  return calls ? "function_call" : "";
}

TrainingMessage message_of(const Json& value, std::string_view where) {
  if (!value.is_object()) {
    fail<ConfigError>(
        "[data] {} is {}; an object with role and content was expected. Correct the line.", where,
        describe(value));
  }
  if (const auto calls = value.find("tool_calls"); calls != value.end() && !calls->empty()) {
    fail<Unsupported>(
        "[data] {} has tool_calls, which cannot be trained on yet. Write them into the content as "
        "the model is to say them, or leave the line out.",
        where);
  }
  TrainingMessage message{.role = text_of(value, "role", where),
                          .content = text_of(value, "content", where),
                          .reasoning_content = {}};
  const auto reasoning = value.find("reasoning_content");
  if (reasoning == value.end() || reasoning->is_null()) return message;
  if (message.role != "assistant") {
    fail<ConfigError>(
        "[data] {} has reasoning_content, but its role is '{}'; only assistants think. Remove the "
        "key.",
        where, clipped(message.role));
  }
  message.reasoning_content = text_of(value, "reasoning_content", where);
  return message;
}

ChatRecord chat_of(const Json& list, std::string_view where) {
  if (!list.is_array() || list.empty()) {
    fail<ConfigError>(
        "[data] {}: 'messages' is {}; a list of at least one message was expected. Correct the "
        "line.",
        where, list.is_array() ? "an empty list" : describe(list));
  }
  ChatRecord chat;
  for (const Json& value : list) {
    chat.messages.push_back(
        message_of(value, fmt::format("{}: message {}", where, chat.messages.size() + 1)));
  }
  return chat;
}

}  // namespace

TrainingRecord parse_training_record(std::string_view line, std::string_view where) {
  const Json json = parse_json(
      line, where, {.max_bytes = kMaxRecordBytes, .max_depth = 32, .max_values = 1 << 20});
  if (!json.is_object()) {
    fail<ConfigError>("[data] {} is {}; an object was expected. Is this a JSONL file?", where,
                      describe(json));
  }
  const bool is_chat = json.contains("messages"), is_text = json.contains("text");
  const bool is_completion = json.contains("prompt") || json.contains("completion");
  if (int{is_chat} + int{is_text} + int{is_completion} != 1) {
    fail<ConfigError>(
        "[data] {} has {} the keys 'messages', 'text' and 'prompt' with 'completion'. Exactly one "
        "form was expected; see docs/training.md.",
        where, is_chat || is_text || is_completion ? "more than one of" : "none of");
  }
  TrainingRecord record;
  if (is_chat) {
    record.form = chat_of(json["messages"], where);
    record.unread_key = tool_key_of(json);
  } else if (is_text) {
    record.form = TextRecord{text_of(json, "text", where)};
  } else {
    record.form =
        CompletionRecord{text_of(json, "prompt", where), text_of(json, "completion", where)};
  }
  if (json.contains("family") && json["family"].is_string()) record.family = json["family"];
  return record;
}

}  // namespace pangu
