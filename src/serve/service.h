// SPDX-License-Identifier: Apache-2.0
// What a server answers: from a path to what is done, with who may ask, what is counted and what is
// logged around it. docs/server.md lists all of it.
#pragma once

#include <chrono>
#include <filesystem>
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
#include "serve/routing/bundle_router.h"
#include "serve/trace.h"

namespace pangu::serve {

struct ServiceOptions {
  ApiKeys keys;
  OriginRules origins;
  bool isolates_keys = false;      ///< prompts are shared only among requests of the same key
  ContextOptions classifier = {};  ///< the machine, as what recognises requests uses it
  RequestLimits limits;
  std::string version = "unknown";  ///< of the program
  Json profile;           ///< measured_profile() of the models, which /props tells; may be null
  double max_time_s = 0;  ///< that a reply may take since its request came; 0: as long as it takes
  /// A file that gets a line for each choice of a bundle's (BundleRouter); empty: none does.
  std::filesystem::path decisions;
  /// Takes a line of JSON for every answered request; may be empty. From any thread.
  std::function<void(const std::string& line)> access_log;
  /// The same, with a line of OTLP for each (RequestTrace).
  std::function<void(const std::string& line)> trace;
};

class Service {
 public:
  /// `models` must outlive it, and be stopped before it ends.
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
    Clock::time_point since = Clock::now();
    OrderedJson body = {};           ///< of the request, once it was read
    BundleRouter* router = nullptr;  ///< that decided who answers; null: the request did
    RoutedRequest routed = {};
  };
  using CallPtr = std::shared_ptr<Call>;
  struct Route {
    std::string_view method, path;
    std::optional<Scope> scope;  ///< none: anybody
    void (Service::*answer)(const CallPtr&);
    ErrorForm error_form = error_response;
  };
  /// An endpoint that writes replies.
  using ReplyEndpoint =
      std::function<void(ServedModel&, Fields&, const RequestLimits&, ReplyContext)>;
  /// One that computes without writing, and answers from the model's thread.
  using ComputingEndpoint =
      std::function<void(ServedModel&, Fields&, const RequestLimits&, const ExchangePtr&)>;

  using MessageReader = std::function<std::vector<Message>(Fields& body)>;

  static const std::vector<Route>& routes();
  void observe(Call& call, ExchangePtr exchange);
  const Route& find_route(const HttpRequest& request) const;
  void authorize(const Route& route, Call& call) const;
  void preflight(Call& call) const;

  /// Answers with a file of the web page, if the path is one's.
  bool show_page(Call& call) const;

  void health(const CallPtr& call);
  void list_models(const CallPtr& call);
  void show_model(const CallPtr& call);
  void chat(const CallPtr& call);
  void control(const CallPtr& call);
  void complete(const CallPtr& call);
  void embed(const CallPtr& call);
  void decide(const CallPtr& call);
  void respond(const CallPtr& call);
  void messages(const CallPtr& call);
  void count_tokens(const CallPtr& call);
  void ollama_chat(const CallPtr& call);
  void ollama_generate(const CallPtr& call);
  void ollama_embed(const CallPtr& call);
  void ollama_embeddings(const CallPtr& call);
  void ollama_tags(const CallPtr& call);
  void ollama_show(const CallPtr& call);
  void ollama_ps(const CallPtr& call);
  void ollama_version(const CallPtr& call);
  void tokenize(const CallPtr& call);
  void detokenize(const CallPtr& call);
  void apply_template(const CallPtr& call);
  void metrics(const CallPtr& call);
  void props(const CallPtr& call);

  /// Reads the body of a request, and works with the model that it names as `key`, once that is
  /// loaded.
  void with_body(const CallPtr& call, std::function<void(ServedModel&, Fields&)> work,
                 std::string_view key = "model");
  void use_model(const CallPtr& call, std::string name,
                 std::function<void(ServedModel&, Fields&)> work, std::string_view key);
  /// `read` gives the conversation by which NAME:auto is decided; empty where there is none.
  void reply(const CallPtr& call, ReplyEndpoint endpoint, const MessageReader& read = {});
  void compute(const CallPtr& call, ComputingEndpoint endpoint);
  ReplyContext reply_context(Call& call, ServedModel& model, Fields& body);
  static void fail(Call& call, const std::exception_ptr& error);

  ModelSet& models_;
  ServiceOptions options_;
  OriginCheck origins_;
  Metrics metrics_;
  std::shared_ptr<ThinkingRequests> thinking_ = ThinkingRequests::make();
  std::map<std::string, std::unique_ptr<BundleRouter>> routers_;  ///< by NAME:auto
  std::atomic<bool> draining_ = false;
};

}  // namespace pangu::serve
