// SPDX-License-Identifier: Apache-2.0
#include "serve/api/anthropic_protocol.h"

#include <utility>

#include "serve/api/openai_parts.h"
#include "serve/http/random_name.h"

namespace pangu::serve {
namespace {

constexpr std::string_view kPing = "event: ping\ndata: {\"type\":\"ping\"}\n\n";

std::string stop_reason(const Generation& g) {
  if (!g.stop_text.empty()) return "stop_sequence";
  return g.finish_reason == FinishReason::kLength ? "max_tokens" : "end_turn";
}

Json stop_sequence(const Generation& g) {
  return g.stop_text.empty() ? Json() : Json(g.stop_text);
}

/// Anthropic counts what came from the cache apart from the rest of the prompt.
Json anthropic_usage(std::int64_t prompt, std::int64_t cached, std::int64_t output) {
  return {{"input_tokens", prompt - cached},
          {"cache_creation_input_tokens", 0},
          {"cache_read_input_tokens", cached},
          {"output_tokens", output}};
}

Json anthropic_usage(const Generation& g) {
  return anthropic_usage(g.prompt_tokens, g.cached_tokens, std::ssize(g.ids));
}

class AnthropicProtocol final : public Protocol {
 public:
  AnthropicProtocol(std::string model, std::int64_t prompt_tokens, std::uint64_t seed)
      : model_(std::move(model)), prompt_tokens_(prompt_tokens), seed_(seed) {}

  std::string_view keep_alive() const override { return kPing; }

  std::string stream_begin() override {
    Json message = head();
    message["usage"] = anthropic_usage(prompt_tokens_, 0, 0);
    return typed_sse({{"type", "message_start"}, {"message", std::move(message)}});
  }

  std::string stream_token(std::size_t /*choice*/, const GeneratedToken& token) override {
    std::string out = piece(Block::kThinking, token.reasoning);
    return out += piece(Block::kText, token.text);
  }

  std::string stream_choice_end(std::size_t /*choice*/, const Generation& /*g*/) override {
    return end_block();
  }

  std::string stream_end(const std::vector<Choice>& choices) override {
    const Generation& g = *choices.front().generation;
    return typed_sse(
               {{"type", "message_delta"},
                {"delta", {{"stop_reason", stop_reason(g)}, {"stop_sequence", stop_sequence(g)}}},
                {"usage", anthropic_usage(g)},
                {"timings", timings_json(choices, seed_)}}) +
           typed_sse({{"type", "message_stop"}});
  }

  std::string stream_error(const ApiError& error) override {
    return typed_sse(anthropic_error_json(error));
  }

  Json whole(const std::vector<Choice>& choices) override {
    const Generation& g = *choices.front().generation;
    Json out = head();
    if (!g.reasoning.empty()) {
      out["content"].push_back(
          {{"type", "thinking"}, {"thinking", g.reasoning}, {"signature", ""}});
    }
    if (!g.text.empty()) out["content"].push_back({{"type", "text"}, {"text", g.text}});
    out["stop_reason"] = stop_reason(g);
    out["stop_sequence"] = stop_sequence(g);
    out["usage"] = anthropic_usage(g);
    out["timings"] = timings_json(choices, seed_);
    return out;
  }

 private:
  enum class Block { kNone, kThinking, kText };

  Json head() const {
    return {{"id", id_},
            {"type", "message"},
            {"role", "assistant"},
            {"model", model_},
            {"content", Json::array()},
            {"stop_reason", nullptr},
            {"stop_sequence", nullptr}};
  }

  std::string piece(Block block, const std::string& text) {
    if (text.empty()) return {};
    std::string out;
    if (block != block_) {
      out = end_block();
      out += begin_block(block);
    }
    return out + (block == Block::kText ? delta({{"type", "text_delta"}, {"text", text}})
                                        : delta({{"type", "thinking_delta"}, {"thinking", text}}));
  }

  std::string begin_block(Block block) {
    block_ = block;
    Json empty = {{"type", "text"}, {"text", ""}};
    if (block == Block::kThinking) {
      empty = {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}};
    }
    return typed_sse(
        {{"type", "content_block_start"}, {"index", index_}, {"content_block", std::move(empty)}});
  }

  std::string end_block() {
    const Block ended = std::exchange(block_, Block::kNone);
    if (ended == Block::kNone) return {};
    std::string out;
    // Clients send it back with the thoughts; nothing is signed here.
    if (ended == Block::kThinking) out = delta({{"type", "signature_delta"}, {"signature", ""}});
    return out + typed_sse({{"type", "content_block_stop"}, {"index", index_++}});
  }

  std::string delta(Json what) const {
    return typed_sse(
        {{"type", "content_block_delta"}, {"index", index_}, {"delta", std::move(what)}});
  }

  std::string model_;
  std::int64_t prompt_tokens_;
  std::uint64_t seed_;
  std::string id_ = random_name("msg_");
  Block block_ = Block::kNone;
  std::int64_t index_ = 0;  ///< of the block that is open, or that comes next
};

/// Anthropic's name for what a status means.
std::string error_type(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    case 504:
      return "timeout_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

}  // namespace

std::unique_ptr<Protocol> anthropic_protocol(std::string model, std::int64_t prompt_tokens,
                                             std::uint64_t seed) {
  return std::make_unique<AnthropicProtocol>(std::move(model), prompt_tokens, seed);
}

Json anthropic_error_json(const ApiError& error) {
  Json inner = {{"type", error_type(error.status)}, {"message", error.what()}};
  inner.update(error.extra);
  return {{"type", "error"}, {"error", std::move(inner)}};
}

HttpResponse anthropic_error(const ApiError& error) {
  return error_answer(error, anthropic_error_json(error));
}

}  // namespace pangu::serve
