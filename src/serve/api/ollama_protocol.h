// SPDX-License-Identifier: Apache-2.0
// Answers in Ollama's form: lines of JSON (https://docs.ollama.com/api/streaming).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "serve/api/reply_run.h"

namespace pangu::serve {

inline constexpr std::string_view kNdjson = "application/x-ndjson";

/// "2026-12-01T02:31:05.123456Z"
std::string rfc3339(std::chrono::system_clock::time_point time);

/// What durations are told in.
std::int64_t nanoseconds(double seconds);

/// Where the texts of an answer are: message.content, or response.
enum class OllamaForm { kChat, kGenerate };

std::unique_ptr<Protocol> ollama_protocol(OllamaForm form, std::string model, std::uint64_t seed);

/// The answer to a request that only wants the model to be there.
Json ollama_loaded(OllamaForm form, const std::string& model);

/// {"error": message}
HttpResponse ollama_error(const ApiError& error);

}  // namespace pangu::serve
