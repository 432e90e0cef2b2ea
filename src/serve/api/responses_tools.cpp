// SPDX-License-Identifier: Apache-2.0
#include "serve/api/responses_tools.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "serve/api/tool_fields.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

/// Run by the client, with calls that are no function calls.
constexpr std::array<std::string_view, 7> kClientTools = {
    "local_shell", "shell",        "apply_patch",         "custom",
    "computer",    "computer_use", "computer_use_preview"};

}  // namespace

void read_responses_tools(Fields& body, ChatRequest& chat) {
  ToolList functions;
  for_tools(body, [&](Fields& tool, std::size_t i) {
    const std::string type = tool.needed_text("type");
    if (type == "function") {
      functions.add(tool, "parameters");
      return body.include_unused(tool);
    }
    if (std::ranges::find(kClientTools, type) != kClientTools.end()) {
      throw bad_request(tool.name("type"),
                        fmt::format("This server offers functions to models, and no {}: describe "
                                    "it as a function, or leave it out.",
                                    type));
    }
    body.note_unused(fmt::format("tools.{}", i), type);
  });
  offer_tools(chat, functions.take(), read_openai_tool_choice(body));
}

OrderedJson offered_functions(Fields& body) {
  OrderedJson out = OrderedJson::array();
  for_tools(body, [&](Fields& tool, std::size_t i) {
    if (tool.text("type") == "function") out.push_back((*body.find("tools"))[i]);
  });
  return out;
}

}  // namespace pangu::serve
