// SPDX-License-Identifier: Apache-2.0
#include "serve/api/tool_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clipped.h"
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

/// References of a schema of arguments begin at its own root, which lies deeper here.
void refuse_references(const ChatJson& schema, const std::string& param) {
  if (schema.is_object() && schema.contains("$ref")) {
    throw bad_request(param,
                      "Parameters with $ref cannot be held to: write them out, or let the "
                      "model choose (\"tool_choice\": \"auto\", without \"strict\").");
  }
  if (!schema.is_structured()) return;
  for (const auto& [key, value] : schema.items()) refuse_references(value, param);
}

ChatJson calls_schema(const OfferedTools& offered, const ToolChoice& choice,
                      const ToolCallFormat& format) {
  const ChatJson tools = ChatJson::parse(offered.json);
  ChatJson each = ChatJson::array();
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const ChatJson& function = tools[i]["function"];
    if (!choice.only.empty() && function["name"] != choice.only) continue;
    const bool fits = choice.must_call || offered.each.at(i).is_strict;
    if (fits && function.contains("parameters")) {
      refuse_references(function["parameters"], offered.each.at(i).schema_key);
    }
    each.push_back(call_schema(function, format.arguments_key, fits));
  }
  if (each.empty()) {
    throw bad_request("tool_choice",
                      choice.only.empty()
                          ? "A call is required, and there are no tools."
                          : fmt::format("There is no tool {} among tools.", clipped(choice.only)));
  }
  ChatJson call = each.size() == 1 ? each[0] : ChatJson{{"anyOf", std::move(each)}};
  if (format.open != "[") return call;
  ChatJson list = {{"type", "array"}, {"items", std::move(call)}, {"minItems", 1}};
  if (!choice.is_parallel || !choice.only.empty()) list["maxItems"] = 1;
  return list;
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
