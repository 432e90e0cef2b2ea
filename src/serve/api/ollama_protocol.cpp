// SPDX-License-Identifier: Apache-2.0
#include "serve/api/ollama_protocol.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <utility>

#include "serve/api/openai_parts.h"

namespace pangu::serve {
namespace {

std::int64_t nanoseconds(double seconds) {
  return static_cast<std::int64_t>(seconds * 1e9);
}

Json ollama_error_json(const ApiError& error) {
  return {{"error", error.what()}};
}

std::string line(const Json& json) {
  return json_text(json) + "\n";
}

/// What all answers have, with these texts.
Json ollama_reply(OllamaForm form, const std::string& model, const std::string& text,
                  const std::string& thinking) {
  Json out = {
      {"model", model}, {"created_at", rfc3339(std::chrono::system_clock::now())}, {"done", false}};
  Json texts = Json::object();
  texts[form == OllamaForm::kChat ? "content" : "response"] = text;
  if (!thinking.empty()) texts["thinking"] = thinking;
  if (form == OllamaForm::kGenerate) {
    out.update(texts);
    return out;
  }
  texts["role"] = "assistant";
  out["message"] = std::move(texts);
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
    if (token.text.empty() && token.reasoning.empty()) return {};
    return line(ollama_reply(form_, model_, token.text, token.reasoning));
  }

  std::string stream_choice_end(std::size_t /*choice*/, const Generation& /*g*/) override {
    return {};
  }

  std::string stream_end(const std::vector<Choice>& choices) override {
    return line(ended(ollama_reply(form_, model_, "", ""), choices));
  }

  std::string stream_error(const ApiError& error) override {
    return line(ollama_error_json(error));
  }

  Json whole(const std::vector<Choice>& choices) override {
    const Generation& g = *choices.front().generation;
    return ended(ollama_reply(form_, model_, g.text, g.reasoning), choices);
  }

 private:
  Json ended(Json out, const std::vector<Choice>& choices) const {
    const Choice& choice = choices.front();
    const Generation& g = *choice.generation;
    out["done"] = true;
    out["done_reason"] = finish_reason(g);
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
};

}  // namespace

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
  Json out = ollama_reply(form, model, "", "");
  out["done"] = true;
  out["done_reason"] = "load";
  return out;
}

HttpResponse ollama_error(const ApiError& error) {
  return error_answer(error, ollama_error_json(error));
}

}  // namespace pangu::serve
