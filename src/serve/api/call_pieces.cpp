// SPDX-License-Identifier: Apache-2.0
#include "serve/api/call_pieces.h"

#include <algorithm>

#include "pangu/error.h"

namespace pangu::serve {
namespace {

/// Arguments that nest deeper would be too much for many a client.
constexpr JsonLimits kArgumentLimits{.max_depth = 64, .max_values = 1'000'000, .max_keys = 1000};

}  // namespace

std::optional<OrderedJson> call_arguments(const ToolCall& call) {
  if (!call.is_complete) return std::nullopt;
  try {
    OrderedJson out = parse_ordered_json(call.arguments, "arguments", kArgumentLimits);
    if (out.is_object()) return out;
  } catch (const Error&) {
    // No JSON.
  }
  return std::nullopt;
}

bool has_calls(const Generation& generation) {
  return std::ranges::any_of(generation.tool_calls,
                             [](const ToolCall& call) { return call_arguments(call).has_value(); });
}

std::string broken_calls(const Generation& generation) {
  std::string out;
  for (const ToolCall& call : generation.tool_calls) {
    if (!call_arguments(call)) out += call.name + call.arguments;
  }
  return out;
}

}  // namespace pangu::serve
