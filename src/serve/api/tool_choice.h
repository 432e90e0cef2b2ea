// SPDX-License-Identifier: Apache-2.0
// Replies whose calls of tools are held to something: to come, to be one alone, to have arguments
// that fit a schema. What stands around calls is what the model's family writes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pangu/constraint.h"
#include "pangu/generation.h"
#include "serve/api/fields.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// Which tools a reply may call, and must call.
struct ToolChoice {
  bool may_call = true;
  bool must_call = false;
  std::string only;         ///< the tool that must be called; any if empty
  bool is_parallel = true;  ///< whether there may be several calls
};

struct OfferedTool {
  bool is_strict = false;  ///< whether arguments must fit its schema even where no call is required
};

/// Tools of a request as the model reads them.
struct OfferedTools {
  std::string json;  ///< an array in the OpenAI form; none when empty
  std::vector<OfferedTool> each = {};
};

/// What a reply that must call one of `tools` may be, or one that may call them, where that makes a
/// difference: one call alone, or strict tools; else null. Throws ApiError for a model whose family
/// writes calls in a way that cannot be held to, for a tool that is not among them, and for a
/// schema that is not supported.
std::shared_ptr<const OutputGrammar> tool_grammar(const ServedModel& model,
                                                  const OfferedTools& tools,
                                                  const ToolChoice& choice);

/// Has calls told from text where there are tools, and the reply held to tool_grammar()
/// (`options.grammar`). Where a call need not come and cannot be held to anything, that is counted
/// among what has no effect in `body`. Throws ApiError as tool_grammar(), and where the reply is
/// held to a form already.
void hold_to_tools(const ServedModel& model, const OfferedTools& tools, const ToolChoice& choice,
                   Fields& body, GenerateOptions& options);

}  // namespace pangu::serve
