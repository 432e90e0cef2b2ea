// SPDX-License-Identifier: Apache-2.0
// Tools that a request offers, and what it says of calling them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "serve/api/chat_messages.h"
#include "serve/api/fields.h"
#include "serve/api/tool_choice.h"

namespace pangu::serve {

/// Puts tools of another form together as models read them: in OpenAI's form, with name,
/// description and parameters in this order.
class ToolList {
 public:
  /// Adds a tool with its name and, where it has them, description, strict, and the schema of its
  /// arguments under `schema_key`. Throws ApiError naming what is wrong.
  void add(Fields& tool, std::string_view schema_key);

  OfferedTools take();

 private:
  OrderedJson tools_ = OrderedJson::array();
  OfferedTools out_;
};

/// Calls `take` with each element of the array `tools` and its number. Throws ApiError unless it is
/// an array of objects, or absent.
template <class Take>
void for_tools(Fields& body, Take take) {
  const OrderedJson* tools = body.find("tools");
  if (tools == nullptr) return;
  if (!tools->is_array()) body.reject("tools", "an array of tools");
  for (std::size_t i = 0; i < tools->size(); ++i) {
    Fields tool((*tools)[i], body.name("tools") + "." + std::to_string(i) + ".");
    take(tool, i);
  }
}

/// Reads tools in OpenAI's form, as the chat endpoint and Ollama have them; they reach the model as
/// they are. Throws ApiError.
OfferedTools read_openai_tools(Fields& body);

/// Reads tool_choice (auto, none, required or a function) and parallel_tool_calls, as OpenAI's
/// endpoints have them. Throws ApiError.
ToolChoice read_openai_tool_choice(Fields& body);

/// Gives the conversation its tools: none where no call may come. Throws ApiError where one must
/// come and there are no tools.
void offer_tools(ChatRequest& chat, OfferedTools tools, ToolChoice choice);

}  // namespace pangu::serve
