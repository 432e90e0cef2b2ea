// SPDX-License-Identifier: Apache-2.0
#include "serve/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/clipped.h"
#include "base/log.h"
#include "runtime/cache/context_length.h"
#include "runtime/generate/chat_prompt.h"
#include "serve/api/anthropic_messages.h"
#include "serve/api/anthropic_protocol.h"
#include "serve/api/decisions.h"
#include "serve/api/embeddings.h"
#include "serve/api/ollama_chat.h"
#include "serve/api/ollama_embed.h"
#include "serve/api/ollama_models.h"
#include "serve/api/ollama_protocol.h"
#include "serve/api/openai_chat.h"
#include "serve/api/openai_completions.h"
#include "serve/api/openai_parts.h"
#include "serve/api/openai_responses.h"
#include "serve/api/token_endpoints.h"
#include "serve/api_error.h"
#include "serve/observed_exchange.h"
#include "serve/web/web_files.h"

namespace pangu::serve {
namespace {

constexpr std::string_view kModelPath = "/v1/models/";
constexpr std::string_view kOllamaPaths = "/api/";  ///< what is not there, too, is Ollama's

void answer_json(Exchange& exchange, const Json& json, Headers headers = {}) {
  exchange.respond({.status = 200,
                    .content_type = "application/json",
                    .headers = std::move(headers),
                    .body = json_text(json)});
}

Json model_json(const ServedModel& model) {
  Json out = {
      {"id", model.name()}, {"object", "model"}, {"created", unix_time()}, {"owned_by", "pangu"}};
  if (model.state() != ServedModel::State::kReady) {
    out["status"] = model.state() == ServedModel::State::kLoading ? "loading" : "failed";
    return out;
  }
  const Engine& engine = model.engine();
  const ModelConfig& config = model.model().config();
  out["status"] = "ready";
  out["max_model_len"] = engine.context();  // vLLM's name
  out["meta"] = {{"n_ctx", engine.context()},
                 {"n_ctx_train", engine.trained_context()},
                 {"n_vocab", config.vocab_size},
                 {"n_embd", config.hidden_size}};
  return out;
}

}  // namespace

Service::Service(ModelSet& models, ServiceOptions options)
    : models_(models), options_(std::move(options)), origins_(options_.origins) {}

const std::vector<Service::Route>& Service::routes() {
  static const std::vector<Route> kRoutes = {
      {"GET", "/health", std::nullopt, &Service::health},
      {"GET", "/v1/health", std::nullopt, &Service::health},
      {"GET", "/v1/models", Scope::kInference, &Service::list_models},
      {"POST", "/v1/chat/completions", Scope::kInference, &Service::chat},
      {"POST", "/v1/chat/completions/control", Scope::kInference, &Service::control},
      {"POST", "/v1/completions", Scope::kInference, &Service::complete},
      {"POST", "/v1/embeddings", Scope::kInference, &Service::embed},
      {"POST", "/v1/decisions", Scope::kInference, &Service::decide},
      {"POST", "/v1/responses", Scope::kInference, &Service::respond},
      {"POST", "/v1/messages", Scope::kInference, &Service::messages, anthropic_error},
      {"POST", "/v1/messages/count_tokens", Scope::kInference, &Service::count_tokens,
       anthropic_error},
      {"POST", "/api/chat", Scope::kInference, &Service::ollama_chat, ollama_error},
      {"POST", "/api/generate", Scope::kInference, &Service::ollama_generate, ollama_error},
      {"POST", "/api/embed", Scope::kInference, &Service::ollama_embed, ollama_error},
      {"POST", "/api/embeddings", Scope::kInference, &Service::ollama_embeddings, ollama_error},
      {"GET", "/api/tags", Scope::kInference, &Service::ollama_tags, ollama_error},
      {"POST", "/api/show", Scope::kInference, &Service::ollama_show, ollama_error},
      {"GET", "/api/ps", Scope::kInference, &Service::ollama_ps, ollama_error},
      {"GET", "/api/version", Scope::kInference, &Service::ollama_version, ollama_error},
      {"POST", "/tokenize", Scope::kInference, &Service::tokenize},
      {"POST", "/detokenize", Scope::kInference, &Service::detokenize},
      {"POST", "/apply-template", Scope::kInference, &Service::apply_template},
      {"GET", "/metrics", Scope::kMetrics, &Service::metrics},
      {"GET", "/props", Scope::kMetrics, &Service::props},
  };
  return kRoutes;
}

const Service::Route& Service::find_route(const HttpRequest& request) const {
  static const Route kShowModel{"GET", kModelPath, Scope::kInference, &Service::show_model};
  if (request.path.starts_with(kModelPath) && request.path.size() > kModelPath.size() &&
      request.method == "GET") {
    return kShowModel;
  }
  std::string methods;
  for (const Route& route : routes()) {
    if (route.path != request.path) continue;
    if (route.method == request.method) return route;
    methods += (methods.empty() ? "" : ", ") + std::string(route.method);
  }
  if (methods.empty()) {
    throw not_found(fmt::format("There is nothing at {}.", clipped(request.path)));
  }
  ApiError error(
      405, "invalid_request_error",
      fmt::format("{} takes {}, not {}.", request.path, methods, clipped(request.method)));
  error.code = "method_not_allowed";
  throw error;
}

void Service::handle(HttpRequest request, ExchangePtr exchange) {
  Call call{
      .request = std::move(request), .exchange = nullptr, .client = {}, .headers = {}, .trace = {}};
  if (options_.trace) call.trace = std::make_shared<RequestTrace>(call.request);
  call.client = call.request.peer;
  const std::string path = call.request.path, method = call.request.method;
  // Names of paths become labels of counters: those of strangers must not.
  std::string label = "other";
  if (path.starts_with(kOllamaPaths)) call.error_form = ollama_error;
  for (const Route& route : routes()) {
    if (route.path != path) continue;
    label = path;
    call.error_form = route.error_form;
  }
  call.exchange = observed(std::move(exchange), origins_.answer_headers(call.request),
                           [this, path, method, label, id = call.request.id,
                            peer = call.request.peer, trace = call.trace](const Outcome& o) {
                             metrics_.count_request(label, o.status, o.seconds);
                             if (trace) options_.trace(trace->line(o));
                             if (!options_.access_log) return;
                             options_.access_log(json_text({{"time", unix_time()},
                                                            {"id", id},
                                                            {"peer", peer},
                                                            {"method", method},
                                                            {"path", path},
                                                            {"status", o.status},
                                                            {"seconds", o.seconds},
                                                            {"first_byte_s", o.first_byte_s},
                                                            {"bytes", o.bytes}}));
                           });
  const ExchangePtr answer = call.exchange;
  const ErrorForm error_form = call.error_form;
  try {
    if (const auto refusal = origins_.refusal(call.request)) {
      throw ApiError(403, "permission_error", *refusal);
    }
    if (call.request.method == "OPTIONS") return preflight(call);
    if (show_page(call)) return;
    const Route& route = find_route(call.request);
    authorize(route, call);
    (this->*route.answer)(call);
  } catch (...) {
    const ApiError error = as_api_error(std::current_exception());
    if (error.status >= 500 && error.status != 503) {
      log::warning("[serve] {} {} failed: {}", method, clipped(path), error.what());
    }
    answer->respond(error_form(error));
  }
}

void Service::authorize(const Route& route, Call& call) const {
  if (!options_.keys.are_needed() || !route.scope) return;
  const ApiKey* key = options_.keys.find(call.request);
  if (key == nullptr) {
    ApiError error(401, "authentication_error",
                   "This server needs a key: send it as \"Authorization: Bearer KEY\" or "
                   "\"X-Api-Key: KEY\".");
    error.code = "invalid_api_key";
    throw error;
  }
  if (!key->scopes.contains(*route.scope)) {
    throw ApiError(403, "permission_error", "This key is not good for that.");
  }
  call.client = key->name;
}

/// What a browser asks before it lets the page of another origin ask. Whoever may ask may send any
/// header: client libraries have several of their own.
void Service::preflight(Call& call) const {
  HttpResponse out{.status = 204,
                   .content_type = "",
                   .headers = {{"access-control-allow-methods", "GET, POST, OPTIONS"},
                               {"access-control-max-age", "600"}},
                   .body = ""};
  const std::string_view wished = call.request.header("access-control-request-headers");
  if (!wished.empty()) out.headers.emplace_back("access-control-allow-headers", wished);
  call.exchange->respond(std::move(out));
}

bool Service::show_page(Call& call) const {
  if (call.request.method != "GET") return false;
  const EmbeddedFile* file = find_web_file(call.request.path);
  if (file == nullptr) return false;
  HttpResponse out{.status = 200,
                   .content_type = std::string(file->content_type),
                   .headers = {{"etag", std::string(file->etag)}, {"cache-control", "no-cache"}},
                   .body = {}};
  for (const WebHeader& header : web_headers()) {
    out.headers.emplace_back(header.name, header.value);
  }
  if (call.request.header("if-none-match") == file->etag) {
    out.status = 304;
  } else {
    out.body = file->bytes;
  }
  call.exchange->respond(std::move(out));
  return true;
}

void Service::health(Call& call) {
  if (draining_) throw unavailable("The server ends.");
  if (!models_.is_ready()) throw unavailable("Loading model");
  answer_json(*call.exchange, {{"status", "ok"}});
}

void Service::list_models(Call& call) {
  Json out = {{"object", "list"}, {"data", Json::array()}};
  for (const auto& model : models_.all()) out["data"].push_back(model_json(*model));
  answer_json(*call.exchange, out);
}

void Service::show_model(Call& call) {
  const std::string name = call.request.path.substr(kModelPath.size());
  answer_json(*call.exchange, model_json(models_.find(name)));
}

ReplyContext Service::reply_context(Call& call, ServedModel& model) {
  return {.exchange = call.exchange,
          .client = call.client,
          .cache_salt = options_.isolates_keys ? call.client : "",
          .headers = std::move(call.headers),
          .error_form = call.error_form,
          .on_end =
              [this, name = model.name(), trace = call.trace](const std::vector<Choice>& choices) {
                metrics_.count_replies(name, choices);
                if (trace) trace->add_replies(name, choices);
              },
          .thinking = thinking_};
}

void Service::with_body(Call& call, const std::function<void(ServedModel&, Fields&)>& work) {
  const OrderedJson json = parse_body(call.request.body);
  Fields body(json);
  work(models_.find(body.text("model").value_or("")), body);
}

void Service::reply(Call& call, const ReplyEndpoint& endpoint) {
  with_body(call, [&](ServedModel& model, Fields& body) {
    endpoint(model, body, options_.limits, reply_context(call, model));
  });
}

void Service::compute(Call& call, const ComputingEndpoint& endpoint) {
  with_body(call, [&](ServedModel& model, Fields& body) {
    endpoint(model, body, options_.limits, call.exchange);
  });
}

void Service::chat(Call& call) {
  reply(call, chat_completions);
}
void Service::complete(Call& call) {
  reply(call, completions);
}
void Service::respond(Call& call) {
  reply(call, openai_responses);
}
void Service::messages(Call& call) {
  reply(call, anthropic_messages);
}
void Service::ollama_chat(Call& call) {
  reply(call, serve::ollama_chat);
}
void Service::ollama_generate(Call& call) {
  reply(call, serve::ollama_generate);
}

void Service::count_tokens(Call& call) {
  with_body(call, [&](ServedModel& model, Fields& body) {
    answer_json(*call.exchange, anthropic_count_json(model, body));
  });
}

void Service::ollama_tags(Call& call) {
  answer_json(*call.exchange, ollama_tags_json(models_));
}
void Service::ollama_ps(Call& call) {
  answer_json(*call.exchange, ollama_ps_json(models_));
}

void Service::ollama_show(Call& call) {
  const OrderedJson json = parse_body(call.request.body);
  Fields body(json);
  auto name = body.text("model");
  if (!name) name = body.text("name");  // as older clients call it
  answer_json(*call.exchange, ollama_show_json(models_.find(name.value_or(""))));
}

void Service::ollama_version(Call& call) {
  answer_json(*call.exchange, {{"version", kOllamaVersion}});
}

void Service::embed(Call& call) {
  compute(call, embeddings);
}
void Service::decide(Call& call) {
  compute(call, decisions);
}
void Service::ollama_embed(Call& call) {
  compute(call, serve::ollama_embed);
}
void Service::ollama_embeddings(Call& call) {
  compute(call, serve::ollama_embeddings);
}

void Service::tokenize(Call& call) {
  with_body(call, [&](ServedModel& model, Fields& body) {
    answer_json(*call.exchange, tokenize_json(model, body));
  });
}

void Service::detokenize(Call& call) {
  with_body(call, [&](ServedModel& model, Fields& body) {
    answer_json(*call.exchange, detokenize_json(model, body));
  });
}

void Service::apply_template(Call& call) {
  with_body(call, [&](ServedModel& model, Fields& body) {
    answer_json(*call.exchange, template_json(model, body));
  });
}

void Service::metrics(Call& call) {
  call.exchange->respond({.status = 200,
                          .content_type = "text/plain; version=0.0.4; charset=utf-8",
                          .headers = {},
                          .body = metrics_.text(models_)});
}

void Service::control(Call& call) {
  const OrderedJson json = parse_body(call.request.body);
  Fields body(json);
  const std::string id = body.needed_text("id"), action = body.needed_text("action");
  body.ignore({"model"});  // names are unique
  if (action != "reasoning_end") body.reject("action", "\"reasoning_end\"");
  Json out = {{"success", thinking_->end_thinking(id, call.client)}};
  if (!out["success"]) {  // it may have ended just now: no error
    out["message"] = fmt::format(
        "No reply {} is being written whose request had \"reasoning_control\": true.", clipped(id));
  }
  answer_json(*call.exchange, out);
}

void Service::props(Call& call) {
  Json out = {{"models", Json::array()}};
  for (const auto& model : models_.all()) {
    Json one = model_json(*model);
    const ModelStatus status = model->status();
    one["total_slots"] = model->options().batch.max_replies;
    one["running"] = status.running;
    one["waiting"] = status.waiting;
    one["replies"] = status.replies;
    one["cached_prompt_tokens"] = status.batch.shared_tokens;
    one["speculation"] = {{"mode", name(model->options().engine.speculation.mode)},
                          {"drafted", status.speculation.drafted},
                          {"accepted", status.speculation.accepted}};
    out["models"].push_back(std::move(one));
  }
  answer_json(*call.exchange, out);
}

}  // namespace pangu::serve
