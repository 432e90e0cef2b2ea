// SPDX-License-Identifier: Apache-2.0
// What a server answers: from a path to what is done, with who may ask, what is counted and what is
// logged around it. docs/server.md lists all of it.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "serve/access/api_keys.h"
#include "serve/access/origin_check.h"
#include "serve/api/fields.h"
#include "serve/api/generation_fields.h"
#include "serve/api/reply_run.h"
#include "serve/http/exchange.h"
#include "serve/metrics.h"
#include "serve/model_set.h"
#include "serve/trace.h"

namespace pangu::serve {

struct ServiceOptions {
  ApiKeys keys;
  OriginRules origins;
  bool isolates_keys = false;  ///< prompts are shared only among requests of the same key
  RequestLimits limits;
  /// Takes a line of JSON for every answered request; may be empty. From any thread.
  std::function<void(const std::string& line)> access_log;
  /// The same, with a line of OTLP for each (RequestTrace).
  std::function<void(const std::string& line)> trace;
};

class Service {
 public:
  /// `models` must outlive it.
  Service(ModelSet& models, ServiceOptions options);

  /// Answers, now or later from another thread. Never throws.
  void handle(HttpRequest request, ExchangePtr exchange);

  /// From now on /health says 503, so that those who spread requests send no more.
  void drain() { draining_ = true; }

 private:
  /// A request on its way through.
  struct Call {
    HttpRequest request;
    ExchangePtr exchange;
    std::string client;                   ///< name of its key, else its address
    Headers headers;                      ///< of the answer
    std::shared_ptr<RequestTrace> trace;  ///< null where nobody wants it
    ErrorForm error_form = error_response;
  };
  struct Route {
    std::string_view method, path;
    std::optional<Scope> scope;  ///< none: anybody
    void (Service::*answer)(Call&);
    ErrorForm error_form = error_response;
  };
  /// An endpoint that writes replies.
  using ReplyEndpoint =
      std::function<void(ServedModel&, Fields&, const RequestLimits&, ReplyContext)>;
  /// One that computes without writing, and answers from the model's thread.
  using ComputingEndpoint =
      std::function<void(ServedModel&, Fields&, const RequestLimits&, const ExchangePtr&)>;

  static const std::vector<Route>& routes();
  const Route& find_route(const HttpRequest& request) const;
  void authorize(const Route& route, Call& call) const;
  void preflight(Call& call) const;

  /// Answers with a file of the web page, if the path is one's.
  bool show_page(Call& call) const;

  void health(Call& call);
  void list_models(Call& call);
  void show_model(Call& call);
  void chat(Call& call);
  void control(Call& call);
  void complete(Call& call);
  void embed(Call& call);
  void decide(Call& call);
  void respond(Call& call);
  void messages(Call& call);
  void count_tokens(Call& call);
  void ollama_chat(Call& call);
  void ollama_generate(Call& call);
  void ollama_embed(Call& call);
  void ollama_embeddings(Call& call);
  void ollama_tags(Call& call);
  void ollama_show(Call& call);
  void ollama_ps(Call& call);
  void ollama_version(Call& call);
  void tokenize(Call& call);
  void detokenize(Call& call);
  void apply_template(Call& call);
  void metrics(Call& call);
  void props(Call& call);

  /// Reads the body of a request, and finds the model that it names.
  void with_body(Call& call, const std::function<void(ServedModel&, Fields&)>& work);
  void reply(Call& call, const ReplyEndpoint& endpoint);
  void compute(Call& call, const ComputingEndpoint& endpoint);
  ReplyContext reply_context(Call& call, ServedModel& model);

  ModelSet& models_;
  ServiceOptions options_;
  OriginCheck origins_;
  Metrics metrics_;
  std::shared_ptr<ThinkingRequests> thinking_ = ThinkingRequests::make();
  std::atomic<bool> draining_ = false;
};

}  // namespace pangu::serve
