// SPDX-License-Identifier: Apache-2.0
#include "serve/api/tool_fields.h"

#include <fmt/format.h>

#include <utility>

#include "serve/api_error.h"

namespace pangu::serve {
namespace {

/// A schema of arguments is an object, which the template prints and a grammar may be made of.
const OrderedJson* find_schema(Fields& tool, std::string_view key) {
  const OrderedJson* schema = tool.find(key);
  if (schema != nullptr && !schema->is_object()) tool.reject(key, "a JSON schema, as an object");
  return schema;
}

std::string needed_name(Fields& tool) {
  const auto name = tool.text("name");
  if (!name || name->empty()) throw bad_request(tool.name("name"), "A tool has no name.");
  return *name;
}

}  // namespace

void ToolList::add(Fields& tool, std::string_view schema_key) {
  OrderedJson function = {{"name", needed_name(tool)}};
  if (const auto description = tool.text("description")) function["description"] = *description;
  if (const OrderedJson* schema = find_schema(tool, schema_key)) function["parameters"] = *schema;
  tools_.push_back({{"type", "function"}, {"function", std::move(function)}});
  out_.each.push_back({.is_strict = tool.boolean("strict").value_or(false)});
}

OfferedTools ToolList::take() {
  if (!tools_.empty()) out_.json = json_text(tools_);
  return std::move(out_);
}

OfferedTools read_openai_tools(Fields& body) {
  OfferedTools out;
  for_tools(body, [&](Fields& tool, std::size_t) {
    if (tool.text("type").value_or("") != "function") tool.reject("type", "function");
    auto function = tool.object("function");
    if (!function) throw bad_request(tool.name("function.name"), "A tool has no name.");
    static_cast<void>(needed_name(*function));
    static_cast<void>(find_schema(*function, "parameters"));
    out.each.push_back({.is_strict = function->boolean("strict").value_or(false)});
  });
  if (!out.each.empty()) out.json = json_text(body.needed("tools"));
  return out;
}

ToolChoice read_openai_tool_choice(Fields& body) {
  ToolChoice out;
  if (const OrderedJson* given = body.find("tool_choice")) {
    if (given->is_object()) {
      auto named = body.object("tool_choice");
      if (named->text("type") != "function") named->reject("type", "function");
      auto function = named->object("function");
      out.only = (function ? function->text("name") : named->text("name")).value_or("");
      if (out.only.empty()) {
        throw bad_request("tool_choice.function.name", "The tool to call has no name.");
      }
    } else if (*given != "auto" && *given != "none" && *given != "required") {
      body.reject("tool_choice", "auto, none, required or a function");
    }
    out.may_call = *given != "none";
    out.must_call = given->is_object() || *given == "required";
  }
  out.is_parallel = body.boolean("parallel_tool_calls").value_or(true);
  return out;
}

void offer_tools(ChatRequest& chat, OfferedTools tools, ToolChoice choice) {
  if (choice.must_call && tools.json.empty()) {
    throw bad_request("tool_choice", "A call is required, and there are no tools.");
  }
  if (choice.may_call) chat.tools = std::move(tools);
  chat.options.tools = chat.tools.json;
  chat.tool_choice = std::move(choice);
}

}  // namespace pangu::serve
