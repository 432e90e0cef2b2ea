// SPDX-License-Identifier: Apache-2.0
// Conversations of the kinds that published templates tell apart, for tests that compare.
#pragma once

#include <string_view>
#include <vector>

#include "jinja/template.h"

namespace pangu::jinja::test {

inline constexpr std::string_view kTools = R"([
  {"type": "function", "function": {"name": "weather", "description": "Says \"how\" it is.\nNow <& 'then'.",
    "parameters": {"type": "object", "required": ["city"], "properties": {
      "city": {"type": "string", "description": "Where, e.g. 北京"},
      "unit": {"type": "string", "enum": ["c", "f"]}, "days": {"type": "integer", "default": 3}}}}},
  {"type": "function", "function": {"name": "nothing", "description": "No arguments.",
    "parameters": {"type": "object", "properties": {}}}}])";

/// Each with variables of its own beside the messages.
inline constexpr std::string_view kConversations = R"([
  {"messages": [{"role": "user", "content": "Hello"}]},
  {"messages": [{"role": "system", "content": "Be kind.\n"}, {"role": "user", "content": "  Hi  "},
                {"role": "assistant", "content": " Fine. "}, {"role": "user", "content": "Good\n"}]},
  {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]},
  {"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Paris?"}], "tools": 1},
  {"messages": [{"role": "user", "content": "w?"},
                {"role": "assistant", "content": "", "tool_calls": [{"id": "abcdefghi", "type": "function",
                  "function": {"name": "weather", "arguments": {"city": "Zürich", "deep": {"k": [1, 2.5, null, true]}}}}]},
                {"role": "tool", "tool_call_id": "abcdefghi", "name": "weather", "content": "{\"t\": 21}"},
                {"role": "assistant", "content": "21."}, {"role": "user", "content": "Thanks"}], "tools": 1},
  {"messages": [{"role": "user", "content": "w?"},
                {"role": "assistant", "content": null, "tool_calls": [
                  {"id": "abcdefghi", "type": "function", "function": {"name": "weather", "arguments": "{\"city\": \"X\"}"}},
                  {"id": "bcdefghij", "type": "function", "function": {"name": "nothing", "arguments": "{}"}}]},
                {"role": "tool", "tool_call_id": "abcdefghi", "name": "weather", "content": "21"},
                {"role": "tool", "tool_call_id": "bcdefghij", "name": "nothing", "content": "-"}], "tools": 1},
  {"messages": [{"role": "user", "content": "1+1?"},
                {"role": "assistant", "content": "2", "reasoning_content": "One and one\nis two.", "thinking": "t"},
                {"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "<think>\nhm\n</think>\n\n4"},
                {"role": "user", "content": "3+3?"}],
   "enable_thinking": true, "thinking": true, "reasoning_effort": "high"},
  {"messages": [{"role": "user", "content": "1+1?"}], "enable_thinking": false, "thinking": false},
  {"messages": []},
  {"messages": [{"role": "system", "content": "Ты 助手。"}, {"role": "user", "content":
                 "日本語 🙂👩‍👩‍👧 é  ẞ İ <|im_end|> {{ x }} {% y %}"}, {"role": "assistant", "content": "ÅÅ\t\r\n"},
                {"role": "user", "content": ""}], "tools": 1},
  {"messages": [{"role": "user", "content": [{"type": "text", "text": "Look: "}, {"type": "image"},
                 {"type": "image_url", "image_url": {"url": "http://x"}}, {"type": "text", "text": "two"}]}]},
  {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"},
                {"role": "system", "content": "late"}, {"role": "developer", "content": "d"},
                {"role": "ipython", "content": {"a": 1}}]},
  {"messages": [{"role": "user", "content": "what?"}],
   "documents": [{"title": "T", "text": "Body", "id": 1}, {"title": "U", "text": "B2", "doc_id": 2}]}
])";

/// Each conversation with and without the beginning of a reply.
inline std::vector<Json> conversations_of_all_kinds() {
  std::vector<Json> all;
  for (Json variables : Json::parse(kConversations)) {
    variables["tools"] = variables.contains("tools") ? Json::parse(kTools) : Json();
    if (!variables.contains("documents")) variables["documents"] = nullptr;
    variables["bos_token"] = "<s>";
    variables["eos_token"] = "</s>";
    for (const bool wanted : {true, false}) {
      variables["add_generation_prompt"] = wanted;
      all.push_back(variables);
    }
  }
  return all;
}

}  // namespace pangu::jinja::test
