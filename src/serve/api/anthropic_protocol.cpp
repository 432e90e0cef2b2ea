// SPDX-License-Identifier: Apache-2.0
#include "serve/api/anthropic_protocol.h"

#include <utility>

#include "serve/api/call_pieces.h"
#include "serve/api/openai_parts.h"
#include "serve/http/random_name.h"

namespace pangu::serve {
namespace {

constexpr std::string_view kPing = "event: ping\ndata: {\"type\":\"ping\"}\n\n";

std::string stop_reason(const Generation& g) {
  if (!g.stop_text.empty()) return "stop_sequence";
  if (g.finish_reason == FinishReason::kLength) return "max_tokens";
  return has_calls(g) ? "tool_use" : "end_turn";
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

OrderedJson tool_use(const std::string& id, const std::string& name, OrderedJson input) {
  return {{"type", "tool_use"}, {"id", id}, {"name", name}, {"input", std::move(input)}};
}

/// What a reply came to. What looks like a call and is none is text.
OrderedJson content_blocks(const Generation& g) {
  OrderedJson out = OrderedJson::array();
  if (!g.reasoning.empty()) {
    out.push_back({{"type", "thinking"}, {"thinking", g.reasoning}, {"signature", ""}});
  }
  const std::string text = g.text + broken_calls(g);
  if (!text.empty()) out.push_back({{"type", "text"}, {"text", text}});
  for (const ToolCall& call : g.tool_calls) {
    if (auto input = call_arguments(call))
      out.push_back(tool_use(call.id, call.name, std::move(*input)));
  }
  return out;
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
    std::string out;
    for_pieces(
        token, [&](const std::string& text) { out += piece(Block::kThinking, text); },
        [&](const std::string& text) { out += piece(Block::kText, text); },
        [&](const ToolCallDelta& call) { out += call_piece(call); });
    return out;
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

  OrderedJson whole(const std::vector<Choice>& choices) override {
    const Generation& g = *choices.front().generation;
    OrderedJson out = head();
    out["content"] = content_blocks(g);
    out["stop_reason"] = stop_reason(g);
    out["stop_sequence"] = stop_sequence(g);
    out["usage"] = anthropic_usage(g);
    out["timings"] = timings_json(choices, seed_);
    return out;
  }

 private:
  enum class Block { kNone, kThinking, kText, kCall };

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
      out +=
          begin_block(block, block == Block::kText
                                 ? Json{{"type", "text"}, {"text", ""}}
                                 : Json{{"type", "thinking"}, {"thinking", ""}, {"signature", ""}});
    }
    return out + (block == Block::kText ? delta({{"type", "text_delta"}, {"text", text}})
                                        : delta({{"type", "thinking_delta"}, {"thinking", text}}));
  }

  std::string call_piece(const ToolCallDelta& call) {
    std::string out;
    if (!call.id.empty()) {
      out = end_block();
      out += begin_block(Block::kCall, tool_use(call.id, call.name, OrderedJson::object()));
    }
    if (call.arguments.empty()) return out;
    return out + delta({{"type", "input_json_delta"}, {"partial_json", call.arguments}});
  }

  std::string begin_block(Block block, Json empty) {
    block_ = block;
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
