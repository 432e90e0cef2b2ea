// SPDX-License-Identifier: Apache-2.0
// Replies that must call a tool: what the model's family writes around calls, and arguments that
// fit the tool's schema.
#pragma once

#include <memory>
#include <string>

#include "pangu/constraint.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// Which tools a reply must call, if any.
struct ToolChoice {
  bool must_call = false;
  std::string only;         ///< the tool that must be called; any if empty
  bool is_parallel = true;  ///< whether there may be several calls
};

/// What a reply that must call one of `tools` (a JSON array in the OpenAI form) may be. Throws
/// ApiError for a model whose family writes calls in a way that cannot be held to, for a tool that
/// is not among them, and for a schema that is not supported.
std::shared_ptr<const OutputGrammar> tool_grammar(const ServedModel& model,
                                                  const std::string& tools,
                                                  const ToolChoice& choice);

}  // namespace pangu::serve
