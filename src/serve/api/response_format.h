// SPDX-License-Identifier: Apache-2.0
// Replies that are held to a form: OpenAI's response_format, and the keys of vLLM and llama.cpp.
#pragma once

#include <memory>
#include <string_view>

#include "pangu/constraint.h"
#include "serve/api/fields.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

/// Reads response_format (text, json_object, json_schema), guided_json, guided_regex,
/// guided_choice, guided_grammar, and llama.cpp's json_schema and grammar: one of them at most.
/// Null where the reply is free. Throws ApiError naming the key, for what is not supported, too.
std::shared_ptr<const OutputGrammar> read_response_format(Fields& body, const ServedModel& model);

/// Reads a form as OpenAI's Responses and Anthropic's Messages have it: {"type", "schema"}. Throws
/// ApiError as read_response_format().
std::shared_ptr<const OutputGrammar> read_format(Fields& format, const ServedModel& model);

/// Reads Ollama's format: "json", or a schema; null and "" leave the reply free. Throws ApiError as
/// read_response_format().
std::shared_ptr<const OutputGrammar> read_ollama_format(Fields& body, const ServedModel& model);

}  // namespace pangu::serve
