// SPDX-License-Identifier: Apache-2.0
#include "serve/api/ollama_protocol.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>

#include "serve/api/call_pieces.h"
#include "serve/api/openai_parts.h"
#include "text/chat/tool_call_writer.h"

namespace pangu::serve {
namespace {

Json ollama_error_json(const ApiError& error) {
  return {{"error", error.what()}};
}

std::string line(const OrderedJson& json) {
  return json_text(json) + "\n";
}

/// What an answer says.
struct OllamaParts {
  std::string text = {}, thinking = {};
  OrderedJson calls = OrderedJson::array();
};

OrderedJson ollama_reply(OllamaForm form, const std::string& model, const OllamaParts& parts) {
  OrderedJson out = {{"model", model}, {"created_at", rfc3339(std::chrono::system_clock::now())}};
  OrderedJson said = OrderedJson::object();
  if (form == OllamaForm::kChat) said["role"] = "assistant";
  said[form == OllamaForm::kChat ? "content" : "response"] = parts.text;
  if (!parts.thinking.empty()) said["thinking"] = parts.thinking;
  if (!parts.calls.empty()) said["tool_calls"] = parts.calls;
  if (form == OllamaForm::kChat) {
    out["message"] = std::move(said);
  } else {
    out.update(said);
  }
  out["done"] = false;
  return out;
}

/// The calls of a reply from the one numbered `first` on.
OrderedJson ollama_calls(const std::vector<ToolCall>& calls, std::size_t first) {
  OrderedJson out = OrderedJson::array();
  for (std::size_t i = first; i < calls.size(); ++i) {
    const auto arguments = call_arguments(calls[i]);
    if (!arguments) continue;
    out.push_back(
        {{"id", calls[i].id},
         {"function", {{"index", i}, {"name", calls[i].name}, {"arguments", *arguments}}}});
  }
  return out;
}

class OllamaProtocol final : public Protocol {
 public:
  OllamaProtocol(OllamaForm form, std::string model, std::uint64_t seed)
      : form_(form), model_(std::move(model)), seed_(seed) {}

  std::string content_type() const override { return std::string(kNdjson); }
  /// Clients take every line for a part of the reply.
  std::string_view keep_alive() const override { return {}; }

  std::string stream_begin() override { return {}; }

  std::string stream_token(std::size_t /*choice*/, const GeneratedToken& token) override {
    OllamaParts parts{.text = token.text, .thinking = token.reasoning};
    for (const ToolCallDelta& delta : token.tool_calls) {
      add_delta(calls_, delta);
      if (!delta.is_complete) continue;
      for (OrderedJson& call : ollama_calls(calls_, calls_.size() - 1)) {
        parts.calls.push_back(std::move(call));
      }
    }
    if (parts.text.empty() && parts.thinking.empty() && parts.calls.empty()) return {};
    return line(ollama_reply(form_, model_, parts));
  }

  std::string stream_choice_end(std::size_t /*choice*/, const Generation& g) override {
    const std::string text = broken_calls(g);
    return text.empty() ? "" : line(ollama_reply(form_, model_, {.text = text}));
  }

  std::string stream_end(const std::vector<Choice>& choices) override {
    return line(ended(ollama_reply(form_, model_, {}), choices));
  }

  std::string stream_error(const ApiError& error) override {
    return line(ollama_error_json(error));
  }

  OrderedJson whole(const std::vector<Choice>& choices) override {
    const Generation& g = *choices.front().generation;
    const OllamaParts parts{.text = g.text + broken_calls(g),
                            .thinking = g.reasoning,
                            .calls = ollama_calls(g.tool_calls, 0)};
    return ended(ollama_reply(form_, model_, parts), choices);
  }

 private:
  OrderedJson ended(OrderedJson out, const std::vector<Choice>& choices) const {
    const Choice& choice = choices.front();
    const Generation& g = *choice.generation;
    out["done"] = true;
    out["done_reason"] = g.finish_reason == FinishReason::kLength ? "length" : "stop";
    out["total_duration"] = nanoseconds(choice.seconds);
    out["load_duration"] = 0;
    out["prompt_eval_count"] = g.prompt_tokens;
    out["prompt_eval_duration"] = nanoseconds(g.prefill_s);
    out["eval_count"] = g.ids.size();
    out["eval_duration"] = nanoseconds(g.decode_s);
    out["timings"] = timings_json(choices, seed_);
    return out;
  }

  OllamaForm form_;
  std::string model_;
  std::uint64_t seed_;
  std::vector<ToolCall> calls_;  ///< of a stream, as far as they came
};

}  // namespace

std::int64_t nanoseconds(double seconds) {
  return static_cast<std::int64_t>(seconds * 1e9);
}

std::string rfc3339(std::chrono::system_clock::time_point time) {
  const auto micros =
      std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)), micros % 1'000'000);
}

std::unique_ptr<Protocol> ollama_protocol(OllamaForm form, std::string model, std::uint64_t seed) {
  return std::make_unique<OllamaProtocol>(form, std::move(model), seed);
}

Json ollama_loaded(OllamaForm form, const std::string& model) {
  Json out = ollama_reply(form, model, {});
  out["done"] = true;
  out["done_reason"] = "load";
  return out;
}

HttpResponse ollama_error(const ApiError& error) {
  return error_answer(error, ollama_error_json(error));
}

}  // namespace pangu::serve
