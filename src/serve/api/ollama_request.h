// SPDX-License-Identifier: Apache-2.0
// What a request in Ollama's form asks for (https://docs.ollama.com/api).
#pragma once

#include <string>

#include "serve/api/chat_messages.h"
#include "serve/api/generation_fields.h"

namespace pangu::serve {

/// Reads messages, tools and think. Without messages the request only wants the model to be there.
/// Throws ApiError.
ChatRequest read_ollama_chat(Fields& body);

/// What /api/generate is to continue or to answer.
struct OllamaPrompt {
  ChatRequest chat;
  std::string raw;  ///< a text to continue as it is, where is_raw
  bool is_raw = false;
  bool empty = false;  ///< the request only wants the model to be there
};

/// Reads prompt, system, raw and think. Throws ApiError.
OllamaPrompt read_ollama_prompt(Fields& body);

/// Reads options and stream, which is on unless it is false; the rest is as in `advised`. Throws
/// ApiError.
ReplyWishes read_ollama_wishes(Fields& body, const SamplingOptions& advised,
                               const RequestLimits& limits);

}  // namespace pangu::serve
