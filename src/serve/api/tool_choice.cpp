// SPDX-License-Identifier: Apache-2.0
#include "serve/api/tool_choice.h"

#include <fmt/format.h>

#include "base/clipped.h"
#include "grammar/marked_grammar.h"
#include "pangu/error.h"
#include "pangu/grammar.h"
#include "serve/api_error.h"
#include "text/chat/chat_template.h"
#include "text/chat/tool_call_format.h"

namespace pangu::serve {
namespace {

/// {"name": NAME, "arguments": ARGUMENTS} of one tool.
ChatJson call_schema(const ChatJson& function, std::string_view arguments_key) {
  ChatJson arguments = {{"type", "object"}};
  if (function.contains("parameters") && !function["parameters"].is_null() &&
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
                      "model choose (\"tool_choice\": \"auto\").");
  }
  if (!schema.is_structured()) return;
  for (const auto& [key, value] : schema.items()) refuse_references(value, param);
}

ChatJson calls_schema(const ChatJson& tools, const ToolChoice& choice,
                      const ToolCallFormat& format) {
  ChatJson each = ChatJson::array();
  for (std::size_t i = 0; i < tools.size(); ++i) {
    const ChatJson& function = tools[i]["function"];
    if (!choice.only.empty() && function["name"] != choice.only) continue;
    if (function.contains("parameters")) {
      refuse_references(function["parameters"], fmt::format("tools.{}.function.parameters", i));
    }
    each.push_back(call_schema(function, format.arguments_key));
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

}  // namespace

std::shared_ptr<const OutputGrammar> tool_grammar(const ServedModel& model,
                                                  const std::string& tools,
                                                  const ToolChoice& choice) {
  const auto format = tool_call_format(*model.engine().tokenizer());
  if (!format || !format->are_tokens()) {
    throw bad_request("tool_choice",
                      "This model has no markers of calls that a reply could be held "
                      "to: auto and none are what it knows.");
  }
  const ChatJson schema = calls_schema(ChatJson::parse(tools), choice, *format);
  try {
    return grammar::marked(model.grammars().json_schema(schema.dump()), *format->begin_id,
                           format->end_id);
  } catch (const InputError& error) {
    throw bad_request("tools", error.what());
  }
}

}  // namespace pangu::serve
