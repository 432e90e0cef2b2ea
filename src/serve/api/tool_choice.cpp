// SPDX-License-Identifier: Apache-2.0
#include "serve/api/tool_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clipped.h"
#include "grammar/grammar_source.h"
#include "grammar/marked_grammar.h"
#include "pangu/error.h"
#include "pangu/grammar.h"
#include "serve/api_error.h"
#include "text/chat/chat_template.h"
#include "text/chat/tool_call_format.h"

namespace pangu::serve {
namespace {

/// {"name": NAME, "arguments": ARGUMENTS} of one tool. Without `fits` arguments are any object.
ChatJson call_schema(const ChatJson& function, std::string_view arguments_key, bool fits) {
  ChatJson arguments = {{"type", "object"}};
  if (fits && function.contains("parameters") && !function["parameters"].is_null() &&
      !function["parameters"].empty()) {
    arguments = function["parameters"];
  }
  const std::string key(arguments_key);
  return {{"type", "object"},
          {"properties", {{"name", {{"const", function["name"]}}}, {key, std::move(arguments)}}},
          {"required", {"name", key}},
          {"additionalProperties", false}};
}

bool is_one_of(std::string_view key, std::initializer_list<std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

/// References of a schema begin at its own root, which now lies at `place` (a JSON pointer) of
/// another one.
void move_references(ChatJson& schema, const std::string& place) {
  if (schema.is_array()) {
    for (ChatJson& each : schema) move_references(each, place);
  }
  if (!schema.is_object()) return;
  for (auto& [key, value] : schema.items()) {
    if (key == "$ref" && value.is_string()) {
      const std::string& text = value.get_ref<const std::string&>();
      if (text.starts_with('#')) value = fmt::format("#{}{}", place, text.substr(1));
    } else if (is_one_of(key, {"properties", "patternProperties", "$defs", "definitions"})) {
      for (auto& [name, each] : value.items()) move_references(each, place);
    } else if (!is_one_of(key, {"const", "enum", "default", "examples"})) {  // what is data
      move_references(value, place);
    }
  }
}

/// Whether the arguments of a tool must fit its schema.
bool is_held(const OfferedTools& offered, const ToolChoice& choice, std::size_t i,
             const ChatJson& function) {
  if (!choice.only.empty() && function["name"] != choice.only) return false;
  return choice.must_call || offered.each.at(i).is_strict;
}

ChatJson calls_schema(const OfferedTools& offered, const ToolChoice& choice,
                      const ToolCallFormat& format) {
  const ChatJson tools = ChatJson::parse(offered.json);
  ChatJson each = ChatJson::array();
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const ChatJson& function = tools[i]["function"];
    if (!choice.only.empty() && function["name"] != choice.only) continue;
    each.push_back(
        call_schema(function, format.arguments_key, is_held(offered, choice, i, function)));
  }
  if (each.empty()) {
    throw bad_request("tool_choice",
                      choice.only.empty()
                          ? "A call is required, and there are no tools."
                          : fmt::format("There is no tool {} among tools.", clipped(choice.only)));
  }
  const bool is_list = format.open == "[", is_one = each.size() == 1;
  for (std::size_t i = 0; i < each.size(); ++i) {
    const std::string place =
        fmt::format("{}{}/properties/{}", is_list ? "/items" : "",
                    is_one ? "" : fmt::format("/anyOf/{}", i), format.arguments_key);
    move_references(each[i]["properties"][std::string(format.arguments_key)], place);
  }
  ChatJson call = is_one ? each[0] : ChatJson{{"anyOf", std::move(each)}};
  if (!is_list) return call;
  ChatJson list = {{"type", "array"}, {"items", std::move(call)}, {"minItems", 1}};
  if (!choice.is_parallel || !choice.only.empty()) list["maxItems"] = 1;
  return list;
}

/// Refuses the tool of those that replies are held to whose parameters are wrong by themselves: by
/// its name, and with places in what was sent.
void refuse_tool(const OfferedTools& offered, const ToolChoice& choice) {
  const ChatJson tools = ChatJson::parse(offered.json);
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const ChatJson& function = tools[i]["function"];
    if (!is_held(offered, choice, i, function) || !function.contains("parameters")) continue;
    try {
      static_cast<void>(grammar::compile_json_schema(function["parameters"].dump()));
    } catch (const InputError& error) {
      throw bad_request("tools",
                        fmt::format("The parameters of {}: {}",
                                    clipped(function["name"].get<std::string>()), error.what()));
    }
  }
}

bool any_strict(const OfferedTools& tools) {
  return std::ranges::any_of(tools.each, &OfferedTool::is_strict);
}

/// Whether nothing else in a reply could be a call.
bool marks_every_call(const ToolCallFormat& format) {
  return format.are_tokens() && format.end_id && !format.begin_is_optional;
}

}  // namespace

std::shared_ptr<const OutputGrammar> tool_grammar(const ServedModel& model,
                                                  const OfferedTools& tools,
                                                  const ToolChoice& choice) {
  if (!choice.must_call && choice.is_parallel && !any_strict(tools)) return nullptr;
  const auto format = tool_call_format(*model.engine().tokenizer());
  if (!format || !(choice.must_call ? format->are_tokens() : marks_every_call(*format))) {
    throw bad_request("tool_choice",
                      "This model has no markers of calls that a reply could be held "
                      "to: auto and none are what it knows.");
  }
  const ChatJson schema = calls_schema(tools, choice, *format);
  try {
    auto calls = model.grammars().json_schema(schema.dump());
    if (choice.must_call)
      return grammar::marked(std::move(calls), *format->begin_id, format->end_id);
    return grammar::marked_within(std::move(calls), *format->begin_id, *format->end_id,
                                  !choice.is_parallel);
  } catch (const InputError& error) {
    refuse_tool(tools, choice);
    throw bad_request("tools", error.what());
  }
}

void hold_to_tools(const ServedModel& model, const OfferedTools& tools, const ToolChoice& choice,
                   Fields& body, GenerateOptions& options) {
  options.split_tool_calls = !tools.json.empty();
  if (!options.split_tool_calls) return;
  if (options.grammar) {
    throw bad_request("tools",
                      "The reply is held to a form, which no call of a tool has: leave out "
                      "the tools, or the form.");
  }
  const auto format = tool_call_format(*model.engine().tokenizer());
  if (choice.must_call || (format && marks_every_call(*format))) {
    options.grammar = tool_grammar(model, tools, choice);
    return;
  }
  if (any_strict(tools)) body.note_unused("tools", "strict");
  if (!choice.is_parallel) body.note_unused("tools", "parallel");
}

}  // namespace pangu::serve
