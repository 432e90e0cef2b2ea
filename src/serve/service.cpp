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
#include "serve/api/anthropic_request.h"
#include "serve/api/chat_messages.h"
#include "serve/api/decisions.h"
#include "serve/api/embeddings.h"
#include "serve/api/model_list.h"
#include "serve/api/ollama_chat.h"
#include "serve/api/ollama_embed.h"
#include "serve/api/ollama_models.h"
#include "serve/api/ollama_protocol.h"
#include "serve/api/ollama_request.h"
#include "serve/api/openai_chat.h"
#include "serve/api/openai_completions.h"
#include "serve/api/openai_parts.h"
#include "serve/api/openai_responses.h"
#include "serve/api/responses_request.h"
#include "serve/api/token_endpoints.h"
#include "serve/api_error.h"
#include "serve/observed_exchange.h"
#include "serve/web/web_files.h"

namespace pangu::serve {
namespace {

constexpr std::string_view kModelPath = "/v1/models/";
constexpr std::string_view kOllamaPaths = "/api/";  ///< what is not there, too, is Ollama's
/// Seconds that a request may ask for.
constexpr double kLeastTimeout = 1e-3, kMostTimeout = 1e6;

void answer_json(Exchange& exchange, const Json& json, Headers headers = {}) {
  exchange.respond({.status = 200,
                    .content_type = "application/json",
                    .headers = std::move(headers),
                    .body = json_text(json)});
}

}  // namespace

Service::Service(ModelSet& models, ServiceOptions options)
    : models_(models),
      options_(std::move(options)),
      origins_(options_.origins),
      metrics_(options_.version, options_.classifier.isa) {
  const auto loaded = [&models] {
    std::set<std::string> out;
    for (const ModelEntry& entry : models.entries()) {
      if (entry.state == ModelState::kReady) out.insert(entry.name);
    }
    return out;
  };
  for (const auto& [name, bundle] : models.bundles()) {
    routers_[name + std::string(kAutoSuffix)] = std::make_unique<BundleRouter>(
        bundle, options_.classifier, models.turn(), loaded,
        std::max<std::size_t>(models.options().max_waiting, 1), options_.decisions);
  }
}

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
  const auto call = std::make_shared<Call>(Call{.request = std::move(request),
                                                .exchange = nullptr,
                                                .client = {},
                                                .headers = {},
                                                .trace = {}});
  if (options_.trace) call->trace = std::make_shared<RequestTrace>(call->request);
  call->client = call->request.peer;
  observe(*call, std::move(exchange));
  try {
    if (const auto refusal = origins_.refusal(call->request)) {
      throw ApiError(403, "permission_error", *refusal);
    }
    if (call->request.method == "OPTIONS") return preflight(*call);
    if (show_page(*call)) return;
    const Route& route = find_route(call->request);
    authorize(route, *call);
    (this->*route.answer)(call);
  } catch (...) {
    fail(*call, std::current_exception());
  }
}

void Service::fail(Call& call, const std::exception_ptr& failure) {
  const ApiError error = as_api_error(failure);
  if (error.status >= 500 && error.status != 503 && error.status != 504) {
    log::warning("[serve] {} {} failed: {}", call.request.method, clipped(call.request.path),
                 error.what());
  }
  call.exchange->respond(call.error_form(error));
}

void Service::observe(Call& call, ExchangePtr exchange) {
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

void Service::health(const CallPtr& call) {
  if (draining_) throw unavailable("The server ends.");
  if (!models_.is_ready()) throw unavailable("Loading model");
  std::size_t loaded = 0;
  const std::vector<ModelEntry> entries = models_.entries();
  for (const ModelEntry& entry : entries) loaded += entry.state == ModelState::kReady ? 1 : 0;
  answer_json(*call->exchange,
              {{"status", "ok"}, {"models", entries.size()}, {"models_loaded", loaded}});
}

void Service::list_models(const CallPtr& call) {
  answer_json(*call->exchange, models_json(models_));
}

void Service::show_model(const CallPtr& call) {
  const std::string name = call->request.path.substr(kModelPath.size());
  answer_json(*call->exchange, named_model_json(models_, name));
}

ReplyContext Service::reply_context(Call& call, ServedModel& model, Fields& body) {
  // As vLLM has it: lower ones are answered first.
  const auto priority = body.integer("priority", INT32_MIN, INT32_MAX);
  const auto timeout = body.number("timeout", kLeastTimeout, kMostTimeout);
  ReplyContext out{.exchange = call.exchange,
                   .client = call.client,
                   .cache_salt = options_.isolates_keys ? call.client : "",
                   .priority = static_cast<int>(priority.value_or(0)),
                   .deadline = deadline_after(call.since, timeout, options_.max_time_s),
                   .headers = std::move(call.headers),
                   .error_form = call.error_form,
                   .on_end = {},
                   .thinking_requests = thinking_};
  if (call.router != nullptr) {
    out.thinking = call.routed.thinking;
    out.route = call.routed.json;
    out.headers.emplace_back("x-pangu-route", call.routed.header);
  }
  out.on_end = [this, name = model.name(), trace = call.trace, router = call.router,
                key = call.routed.key](const std::vector<Choice>& choices) {
    metrics_.count_replies(name, choices);
    if (trace) trace->add_replies(name, choices);
    if (router == nullptr || !choices.front().generation) return;
    const Generation& g = *choices.front().generation;
    router->answered(key, g.prompt_tokens + std::ssize(g.ids));
  };
  return out;
}

void Service::with_body(const CallPtr& call, std::function<void(ServedModel&, Fields&)> work,
                        std::string_view key) {
  call->body = parse_body(call->request.body);
  use_model(call, Fields(call->body).text(key).value_or(""), std::move(work), key);
}

void Service::use_model(const CallPtr& call, std::string name,
                        std::function<void(ServedModel&, Fields&)> work, std::string_view key) {
  const auto timeout = Fields(call->body).number("timeout", kLeastTimeout, kMostTimeout);
  models_.use({.name = std::move(name),
               .id = call->request.id,
               .deadline = deadline_after(call->since, timeout, options_.max_time_s),
               .gone = call->exchange->gone()},
              {.ready =
                   [call, work = std::move(work), key](ServedModel& model) {
                     Fields fields(call->body);
                     fields.ignore({key});
                     work(model, fields);
                   },
               .failed = [call](const std::exception_ptr& error) { fail(*call, error); }});
}

void Service::reply(const CallPtr& call, ReplyEndpoint endpoint, const MessageReader& read) {
  auto work = [this, call, endpoint = std::move(endpoint)](ServedModel& model, Fields& body) {
    endpoint(model, body, options_.limits, reply_context(*call, model, body));
  };
  call->body = parse_body(call->request.body);
  Fields body(call->body);
  const std::string name = body.text("model").value_or("");
  const auto router = routers_.find(name);
  if (router == routers_.end()) return use_model(call, name, std::move(work), "model");
  if (!read) {
    throw bad_request("model", fmt::format("{} answers conversations. Ask {} for this.", name,
                                           name.substr(0, name.size() - kAutoSuffix.size())));
  }
  std::vector<Message> messages = read(body);
  if (messages.empty()) return use_model(call, name, std::move(work), "model");
  call->router = router->second.get();
  call->router->route(
      {.client = call->client, .messages = std::move(messages), .gone = call->exchange->gone()},
      {.decided =
           [this, call, work](const RoutedRequest& routed) {
             call->routed = routed;
             use_model(call, routed.model, work, "model");
           },
       .failed = [call](const std::exception_ptr& error) { fail(*call, error); }});
}

void Service::chat(const CallPtr& call) {
  reply(call, chat_completions, [](Fields& body) { return read_chat(body).messages; });
}
void Service::complete(const CallPtr& call) {
  reply(call, completions);
}
void Service::respond(const CallPtr& call) {
  reply(call, openai_responses, [](Fields& body) { return read_responses_chat(body).messages; });
}
void Service::messages(const CallPtr& call) {
  reply(call, anthropic_messages, [](Fields& body) {
    GenerateOptions unused;
    return read_anthropic_chat(body, unused).messages;
  });
}
void Service::ollama_chat(const CallPtr& call) {
  reply(call, serve::ollama_chat, [](Fields& body) { return read_ollama_chat(body).messages; });
}
void Service::ollama_generate(const CallPtr& call) {
  reply(call, serve::ollama_generate, [](Fields& body) {
    OllamaPrompt prompt = read_ollama_prompt(body);
    if (prompt.is_raw) throw bad_request("raw", "A raw prompt is no message: name a model.");
    if (prompt.empty) return std::vector<Message>();
    return std::move(prompt.chat.messages);
  });
}

void Service::count_tokens(const CallPtr& call) {
  with_body(call, [call](ServedModel& model, Fields& body) {
    answer_json(*call->exchange, anthropic_count_json(model, body));
  });
}

void Service::ollama_tags(const CallPtr& call) {
  answer_json(*call->exchange, ollama_tags_json(models_));
}
void Service::ollama_ps(const CallPtr& call) {
  answer_json(*call->exchange, ollama_ps_json(models_));
}

void Service::ollama_show(const CallPtr& call) {
  const OrderedJson json = parse_body(call->request.body);
  Fields body(json);
  with_body(
      call,
      [call](ServedModel& model, Fields& /*body*/) {
        answer_json(*call->exchange, ollama_show_json(model));
      },
      body.has("model") ? "model" : "name");  // as older clients call it
}

void Service::ollama_version(const CallPtr& call) {
  answer_json(*call->exchange, {{"version", kOllamaVersion}});
}

void Service::compute(const CallPtr& call, ComputingEndpoint endpoint) {
  with_body(call, [this, call, endpoint = std::move(endpoint)](ServedModel& model, Fields& body) {
    endpoint(model, body, options_.limits, call->exchange);
  });
}

void Service::embed(const CallPtr& call) {
  compute(call, embeddings);
}
void Service::decide(const CallPtr& call) {
  compute(call, decisions);
}
void Service::ollama_embed(const CallPtr& call) {
  compute(call, serve::ollama_embed);
}
void Service::ollama_embeddings(const CallPtr& call) {
  compute(call, serve::ollama_embeddings);
}

void Service::tokenize(const CallPtr& call) {
  with_body(call, [call](ServedModel& model, Fields& body) {
    answer_json(*call->exchange, tokenize_json(model, body));
  });
}

void Service::detokenize(const CallPtr& call) {
  with_body(call, [call](ServedModel& model, Fields& body) {
    answer_json(*call->exchange, detokenize_json(model, body));
  });
}

void Service::apply_template(const CallPtr& call) {
  with_body(call, [call](ServedModel& model, Fields& body) {
    answer_json(*call->exchange, template_json(model, body));
  });
}

void Service::metrics(const CallPtr& call) {
  call->exchange->respond({.status = 200,
                           .content_type = "text/plain; version=0.0.4; charset=utf-8",
                           .headers = {},
                           .body = metrics_.text(models_)});
}

void Service::control(const CallPtr& call) {
  const OrderedJson json = parse_body(call->request.body);
  Fields body(json);
  const std::string id = body.needed_text("id"), action = body.needed_text("action");
  body.ignore({"model"});  // names are unique
  if (action != "reasoning_end") body.reject("action", "\"reasoning_end\"");
  Json out = {{"success", thinking_->end_thinking(id, call->client)}};
  if (!out["success"]) {  // it may have ended just now: no error
    out["message"] = fmt::format(
        "No reply {} is being written whose request had \"reasoning_control\": true.", clipped(id));
  }
  answer_json(*call->exchange, out);
}

void Service::props(const CallPtr& call) {
  answer_json(*call->exchange, props_json(models_, options_.version, options_.profile));
}

}  // namespace pangu::serve
