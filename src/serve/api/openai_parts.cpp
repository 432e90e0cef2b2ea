// SPDX-License-Identifier: Apache-2.0
#include "serve/api/openai_parts.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <string>

namespace pangu::serve {
namespace {

double per_second(std::int64_t n, double seconds) {
  return seconds > 0 ? static_cast<double>(n) / seconds : 0.0;
}

Json token_json(const Tokenizer& tokenizer, TokenId id, float logprob) {
  const std::string& bytes = tokenizer.bytes(id);
  Json list = Json::array();
  for (const char c : bytes) list.push_back(static_cast<unsigned char>(c));
  // Markers have no bytes of text; their names tell them apart.
  return {{"token", bytes.empty() ? tokenizer.piece(id) : bytes},
          {"logprob", finite_logprob(logprob)},
          {"bytes", std::move(list)}};
}

}  // namespace

std::string sse(const Json& event) {
  return fmt::format("data: {}\n\n", json_text(event));
}

std::string typed_sse(const Json& event) {
  return fmt::format("event: {}\ndata: {}\n\n", event.at("type").get_ref<const std::string&>(),
                     json_text(event));
}

std::int64_t start_time() {
  static const std::int64_t start = unix_time();
  return start;
}

std::int64_t unix_time() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string finish_reason(const Generation& generation) {
  if (generation.finish_reason == FinishReason::kLength) return "length";
  return generation.tool_calls.empty() ? "stop" : "tool_calls";
}

Json usage_json(const std::vector<Choice>& choices, std::size_t choices_per_prompt) {
  std::int64_t prompt = 0, cached = 0, completion = 0, reasoning = 0;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (!choices[i].generation) continue;
    const Generation& g = *choices[i].generation;
    if (i % choices_per_prompt == 0) {
      prompt += g.prompt_tokens;
      cached += g.cached_tokens;
    }
    completion += static_cast<std::int64_t>(g.ids.size());
    reasoning += g.thinking_tokens;
  }
  return {{"prompt_tokens", prompt},
          {"completion_tokens", completion},
          {"total_tokens", prompt + completion},
          {"prompt_tokens_details", {{"cached_tokens", cached}}},
          {"completion_tokens_details", {{"reasoning_tokens", reasoning}}}};
}

Json timings_json(const std::vector<Choice>& choices, std::uint64_t seed) {
  std::int64_t prompt = 0, cached = 0, predicted = 0, drafted = 0, accepted = 0;
  double prompt_s = 0, predicted_s = 0;
  for (const Choice& choice : choices) {
    if (!choice.generation) continue;
    const Generation& g = *choice.generation;
    prompt += g.prompt_tokens - g.cached_tokens;
    cached += g.cached_tokens;
    predicted += static_cast<std::int64_t>(g.ids.size());
    prompt_s = std::max(prompt_s, g.prefill_s);
    predicted_s = std::max(predicted_s, g.decode_s);
    drafted += g.speculation.drafted;
    accepted += g.speculation.accepted;
  }
  Json out = {{"cache_n", cached},
              {"prompt_n", prompt},
              {"prompt_ms", prompt_s * 1e3},
              {"prompt_per_second", per_second(prompt, prompt_s)},
              {"predicted_n", predicted},
              {"predicted_ms", predicted_s * 1e3},
              {"predicted_per_second", per_second(predicted, predicted_s)},
              {"draft_n", drafted},
              {"draft_n_accepted", accepted},
              {"seed", seed}};
  if (!choices.empty() && !choices.front().route.is_null()) out["route"] = choices.front().route;
  return out;
}

Json calls_json(const std::vector<ToolCall>& calls) {
  Json out = Json::array();
  for (const ToolCall& call : calls) {
    out.push_back({{"id", call.id},
                   {"type", "function"},
                   {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
  }
  return out;
}

Json call_delta_json(const ToolCallDelta& call) {
  Json out = {{"index", call.index}, {"function", {{"arguments", call.arguments}}}};
  if (!call.id.empty()) {
    out["id"] = call.id;
    out["type"] = "function";
    out["function"]["name"] = call.name;
  }
  return out;
}

Json short_number(float value) {
  return std::stod(fmt::format("{}", value));
}

double finite_logprob(float logprob) {
  return std::isfinite(logprob) ? double{logprob} : kNoLogprob;
}

Json logprob_json(const Tokenizer& tokenizer, const GeneratedToken& token) {
  Json out = token_json(tokenizer, token.id, token.logprob.value_or(0));
  out["top_logprobs"] = Json::array();
  for (const TokenLogprob& other : token.top) {
    out["top_logprobs"].push_back(token_json(tokenizer, other.id, other.logprob));
  }
  return out;
}

}  // namespace pangu::serve
