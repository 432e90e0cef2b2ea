// SPDX-License-Identifier: Apache-2.0
// Calls of tools in forms that have them in blocks or items of their own, with arguments as
// objects.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "io/ordered_json.h"
#include "pangu/generation.h"

namespace pangu::serve {

/// The arguments of a call as an object, in the order in which they were written. None where the
/// reply ended within them, or where they are no JSON that clients could read: that is no call
/// then.
std::optional<OrderedJson> call_arguments(const ToolCall& call);

/// Whether clients have a call to make.
bool has_calls(const Generation& generation);

/// What the model wrote of calls that are none, for the text of a reply; empty if there are none.
std::string broken_calls(const Generation& generation);

/// Hands over the pieces of a token in the order in which they were written: what a call goes on
/// with comes before text, which ends it, and text before calls that begin.
template <class Reasoning, class Text, class Call>
void for_pieces(const GeneratedToken& token, Reasoning reasoning, Text text, Call call) {
  if (!token.reasoning.empty()) reasoning(token.reasoning);
  const std::vector<ToolCallDelta>& calls = token.tool_calls;
  std::size_t i = 0;
  while (i < calls.size() && calls[i].id.empty()) call(calls[i++]);
  if (!token.text.empty()) text(token.text);
  while (i < calls.size()) call(calls[i++]);
}

}  // namespace pangu::serve
