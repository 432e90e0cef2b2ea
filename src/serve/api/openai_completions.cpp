// SPDX-License-Identifier: Apache-2.0
#include "serve/api/openai_completions.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "runtime/generate/reply.h"
#include "serve/api/legacy_logprobs.h"
#include "serve/api/openai_parts.h"
#include "serve/api/prompt_checks.h"
#include "serve/api/response_format.h"
#include "serve/api/text_inputs.h"
#include "serve/http/random_name.h"

namespace pangu::serve {
namespace {

/// Where nobody says how many, as OpenAI has it.
constexpr std::int64_t kDefaultTokens = 16;

/// What is to be continued.
struct CompletionPrompt {
  TextInput input;
  std::vector<GeneratedToken> scored;  ///< with echo and logprobs
};

struct CompletionWishes {
  ReplyWishes reply;
  bool echo = false;
};

class CompletionProtocol final : public Protocol {
 public:
  CompletionProtocol(std::string model, std::shared_ptr<const Tokenizer> tokenizer,
                     CompletionWishes wishes, std::vector<CompletionPrompt> prompts)
      : model_(std::move(model)),
        tokenizer_(std::move(tokenizer)),
        wishes_(std::move(wishes)),
        prompts_(std::move(prompts)) {
    for (std::size_t i = 0; i < prompts_.size() * per_prompt(); ++i) {
      const std::span<const TokenId> ids = prompt_of(i).input.ids;
      logprobs_.emplace_back(tokenizer_, wishes_.echo ? ids.first(0) : ids);
      if (!wishes_.echo) continue;
      for (const GeneratedToken& token : prompt_of(i).scored) logprobs_.back().add(token);
    }
  }

  std::string stream_begin() override {
    std::string out;
    if (!wishes_.echo) return out;
    for (std::size_t i = 0; i < logprobs_.size(); ++i) {
      out +=
          event(i, prompt_of(i).input.text, has_logprobs() ? logprobs_[i].take() : Json(), nullptr);
    }
    return out;
  }

  std::string stream_token(std::size_t choice, const GeneratedToken& token) override {
    const bool counts = has_logprobs() && token.id >= 0;
    if (token.text.empty() && !counts) return {};
    Json logprobs;
    if (counts) {
      logprobs_[choice].add(token);
      logprobs = logprobs_[choice].take();
    }
    return event(choice, token.text, std::move(logprobs), nullptr);
  }

  std::string stream_choice_end(std::size_t choice, const Generation& generation) override {
    return event(choice, "", nullptr, finish_reason(generation));
  }

  std::string stream_end(const std::vector<Choice>& choices) override {
    std::string out;
    if (wishes_.reply.include_usage) {
      Json last = head();
      last["choices"] = Json::array();
      add_counts(last, choices);
      out = sse(last);
    }
    return out + std::string(kSseDone);
  }

  std::string stream_error(const ApiError& error) override { return sse(error_json(error)); }

  bool keeps_tokens() const override { return has_logprobs() && !wishes_.reply.stream; }

  OrderedJson whole(const std::vector<Choice>& choices) override {
    Json out = head();
    out["choices"] = Json::array();
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const Generation& g = *choices[i].generation;
      for (const GeneratedToken& token : choices[i].tokens) {
        if (token.id >= 0) logprobs_[i].add(token);
      }
      out["choices"].push_back({{"index", i},
                                {"text", (wishes_.echo ? prompt_of(i).input.text : "") + g.text},
                                {"logprobs", has_logprobs() ? logprobs_[i].take() : Json()},
                                {"finish_reason", finish_reason(g)}});
    }
    add_counts(out, choices);
    return out;
  }

 private:
  std::size_t per_prompt() const { return static_cast<std::size_t>(wishes_.reply.choices); }
  const CompletionPrompt& prompt_of(std::size_t choice) const {
    return prompts_[choice / per_prompt()];
  }
  bool has_logprobs() const { return wishes_.reply.options.top_logprobs >= 0; }

  Json head() const {
    return {{"id", id_}, {"object", "text_completion"}, {"created", created_}, {"model", model_}};
  }

  void add_counts(Json& out, const std::vector<Choice>& choices) const {
    out["usage"] = usage_json(choices, per_prompt());
    out["timings"] = timings_json(choices, wishes_.reply.options.sampling.seed);
  }

  std::string event(std::size_t choice, const std::string& text, Json logprobs, Json finish) const {
    Json out = head();
    out["choices"] = Json::array({{{"index", choice},
                                   {"text", text},
                                   {"logprobs", std::move(logprobs)},
                                   {"finish_reason", std::move(finish)}}});
    if (wishes_.reply.include_usage) out["usage"] = nullptr;
    return sse(out);
  }

  std::string model_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  CompletionWishes wishes_;
  std::vector<CompletionPrompt> prompts_;
  std::vector<LegacyLogprobs> logprobs_;
  std::string id_ = random_name("cmpl-");
  std::int64_t created_ = unix_time();
};

CompletionWishes read_wishes(ServedModel& model, Fields& body, const RequestLimits& limits) {
  CompletionWishes out{.reply = read_reply_wishes(body, model.engine(), limits)};
  if (!body.has("max_tokens") && !body.has("max_completion_tokens")) {
    out.reply.options.max_tokens = kDefaultTokens;
  }
  out.echo = body.boolean("echo").value_or(false);
  if (const OrderedJson* logprobs = body.find("logprobs");
      logprobs != nullptr && !logprobs->is_boolean()) {
    out.reply.options.top_logprobs =
        static_cast<int>(*body.integer("logprobs", 0, limits.max_top_logprobs));
  } else if (logprobs != nullptr && logprobs->get<bool>()) {
    out.reply.options.top_logprobs = 0;
  }
  if (body.has("suffix") && !body.text("suffix")->empty()) {
    throw bad_request("suffix", "This server does not fill in between prompt and suffix.");
  }
  if (const auto best = body.integer("best_of", 1, limits.max_choices);
      best && *best != out.reply.choices) {
    throw bad_request("best_of",
                      "This server writes as many replies as it gives: leave best_of "
                      "out, or make it equal to n.");
  }
  body.ignore({"user"});
  return out;
}

/// A request on its way to the model.
struct Asking {
  ServedModel& model;
  CompletionWishes wishes;
  std::vector<CompletionPrompt> prompts;
  std::vector<ReplyOrder> orders;
  ReplyContext context;

  void ask() {
    run_replies(model, std::move(orders),
                std::make_unique<CompletionProtocol>(model.name(), model.engine().tokenizer(),
                                                     wishes, std::move(prompts)),
                std::move(context));
  }
};

/// Scores one prompt after another, so that replies go on between them, and asks for the replies.
void score(const std::shared_ptr<Asking>& asking, Engine* engine, std::size_t index) {
  const ExchangePtr exchange = asking->context.exchange;
  if (exchange->gone().stop_requested()) return;
  try {
    if (engine == nullptr) throw unavailable("The server ends.");
    CompletionPrompt& prompt = asking->prompts[index];
    prompt.scored =
        score_prompt(*engine, prompt.input.ids, asking->wishes.reply.options.top_logprobs);
    if (index + 1 == asking->prompts.size()) return asking->ask();
    asking->model.post([asking, index](Engine* next) { score(asking, next, index + 1); });
  } catch (...) {
    exchange->respond(error_response(as_api_error(std::current_exception())));
  }
}

}  // namespace

void completions(ServedModel& model, Fields& body, const RequestLimits& limits,
                 ReplyContext context) {
  CompletionWishes wishes = read_wishes(model, body, limits);
  wishes.reply.options.grammar = read_response_format(body, model);
  std::vector<TextInput> given = read_text_inputs(model, body, "prompt", limits.max_choices);
  if (std::ssize(given) * wishes.reply.choices > limits.max_choices) {
    throw bad_request("n", fmt::format("{} prompts with {} replies each were asked for; {} replies "
                                       "in all are the limit.",
                                       given.size(), wishes.reply.choices, limits.max_choices));
  }
  check_options(model, wishes.reply.options);
  std::vector<CompletionPrompt> prompts;
  std::vector<ReplyOrder> orders;
  for (TextInput& one : given) {
    for (ReplyOrder& order : choice_orders(one.ids, wishes.reply)) {
      orders.push_back(std::move(order));
    }
    prompts.push_back({.input = std::move(one), .scored = {}});
  }
  context.stream = wishes.reply.stream;
  if (const std::string unused = body.unused(); !unused.empty()) {
    context.headers.emplace_back("pangu-ignored", unused);
  }
  const auto asking = std::make_shared<Asking>(
      Asking{model, wishes, std::move(prompts), std::move(orders), std::move(context)});
  if (wishes.echo && wishes.reply.options.top_logprobs >= 0) {
    model.post([asking](Engine* engine) { score(asking, engine, 0); });
  } else {
    asking->ask();
  }
}

}  // namespace pangu::serve
