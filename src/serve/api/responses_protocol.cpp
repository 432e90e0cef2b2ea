// SPDX-License-Identifier: Apache-2.0
#include "serve/api/responses_protocol.h"

#include <utility>

#include "serve/api/call_pieces.h"
#include "serve/api/openai_parts.h"
#include "serve/api/response_items.h"
#include "serve/http/random_name.h"

namespace pangu::serve {
namespace {

Json responses_usage(const std::vector<Choice>& choices) {
  const Json usage = usage_json(choices, 1);
  return {{"input_tokens", usage["prompt_tokens"]},
          {"input_tokens_details", usage["prompt_tokens_details"]},
          {"output_tokens", usage["completion_tokens"]},
          {"output_tokens_details", usage["completion_tokens_details"]},
          {"total_tokens", usage["total_tokens"]}};
}

class ResponsesProtocol final : public Protocol {
 public:
  ResponsesProtocol(Json head, std::uint64_t seed)
      : head_(std::move(head)), seed_(seed), items_(!head_["reasoning"]["summary"].is_null()) {
    head_["id"] = random_name("resp_");
    head_["status"] = "in_progress";
  }

  std::string stream_begin() override {
    std::string out = response_event("response.created", head_);
    return out += response_event("response.in_progress", head_);
  }

  std::string stream_token(std::size_t /*choice*/, const GeneratedToken& token) override {
    std::string out;
    for_pieces(
        token, [&](const std::string& text) { out += all(items_.add_reasoning(text)); },
        [&](const std::string& text) { out += all(items_.add_text(text)); },
        [&](const ToolCallDelta& call) { out += all(items_.add_call(call)); });
    return out;
  }

  std::string stream_choice_end(std::size_t /*choice*/, const Generation& generation) override {
    return all(items_.finish(generation));
  }

  std::string stream_end(const std::vector<Choice>& choices) override {
    const Json response = ended(choices);
    // response.completed or response.incomplete.
    return response_event("response." + response["status"].get<std::string>(), response);
  }

  std::string stream_error(const ApiError& error) override {
    const Json code = error.status == 429  ? Json("rate_limit_exceeded")
                      : error.code.empty() ? Json("server_error")
                                           : Json(error.code);
    Json failed = head_;
    failed["status"] = "failed";
    failed["error"] = {{"code", code}, {"message", error.what()}};
    failed["output"] = items_.output();
    std::string out =
        event({{"type", "error"}, {"code", code}, {"message", error.what()}, {"param", nullptr}});
    return out += response_event("response.failed", failed);
  }

  OrderedJson whole(const std::vector<Choice>& choices) override {
    const Generation& g = *choices.front().generation;
    items_.add_reasoning(g.reasoning);
    items_.add_text(g.text);
    for (std::size_t i = 0; i < g.tool_calls.size(); ++i) {
      const ToolCall& call = g.tool_calls[i];
      items_.add_call({.index = static_cast<std::int64_t>(i),
                       .id = call.id,
                       .name = call.name,
                       .arguments = call.arguments,
                       .is_complete = call.is_complete});
    }
    items_.finish(g);
    return ended(choices);
  }

 private:
  Json ended(const std::vector<Choice>& choices) const {
    Json out = head_;
    const bool is_cut = choices.front().generation->finish_reason == FinishReason::kLength;
    out["status"] = is_cut ? "incomplete" : "completed";
    if (is_cut) out["incomplete_details"] = {{"reason", "max_output_tokens"}};
    out["output"] = items_.output();
    out["usage"] = responses_usage(choices);
    out["timings"] = timings_json(choices, seed_);
    return out;
  }

  std::string response_event(const std::string& type, const Json& response) {
    return event({{"type", type}, {"response", response}});
  }

  /// An event with its number: what is written first must be made first.
  std::string event(Json content) {
    content["sequence_number"] = next_++;
    return typed_sse(content);
  }

  std::string all(std::vector<Json> events) {
    std::string out;
    for (Json& one : events) out += event(std::move(one));
    return out;
  }

  Json head_;
  std::uint64_t seed_;
  ResponseItems items_;
  std::int64_t next_ = 0;
};

}  // namespace

std::unique_ptr<Protocol> responses_protocol(Json head, std::uint64_t seed) {
  return std::make_unique<ResponsesProtocol>(std::move(head), seed);
}

}  // namespace pangu::serve
