// SPDX-License-Identifier: Apache-2.0
#include "serve/api/anthropic_tools.h"

#include <fmt/format.h>

#include <utility>

#include "base/clipped.h"
#include "serve/api/tool_fields.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

OfferedTools read_tools(Fields& body) {
  ToolList out;
  for_tools(body, [&](Fields& tool, std::size_t) {
    const std::string type = tool.text("type").value_or("custom");
    if (type != "custom") {
      throw bad_request(tool.name("type"),
                        fmt::format("{} is a tool of Anthropic's own, which this model does not "
                                    "know: leave it out, or offer one with an input_schema.",
                                    clipped(type)));
    }
    static_cast<void>(tool.needed("input_schema"));
    out.add(tool, "input_schema");
    tool.ignore({"cache_control"});
    body.include_unused(tool);
  });
  return out.take();
}

ToolChoice read_choice(Fields& body) {
  ToolChoice out;
  auto given = body.object("tool_choice");
  if (!given) return out;
  const std::string type = given->needed_text("type");
  if (type != "auto" && type != "any" && type != "tool" && type != "none") {
    given->reject("type", "auto, any, tool or none");
  }
  if (type == "tool") out.only = given->needed_text("name");
  out.may_call = type != "none";
  out.must_call = type == "any" || type == "tool";
  out.is_parallel = !given->boolean("disable_parallel_tool_use").value_or(false);
  body.include_unused(*given);
  return out;
}

}  // namespace

void read_anthropic_tools(Fields& body, ChatRequest& chat) {
  offer_tools(chat, read_tools(body), read_choice(body));
}

}  // namespace pangu::serve
