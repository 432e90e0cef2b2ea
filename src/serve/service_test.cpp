// SPDX-License-Identifier: Apache-2.0
// The server as clients meet it, in this process: a small model behind a port.
#include "serve/service.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <thread>

#include "serve/testing/served_port.h"
#include "tests/support/support.h"

namespace pangu::serve {
namespace {

using test::ask;
using test::HttpClient;
using testing::HasSubstr;

constexpr std::int64_t kContext = 160;

/// A model, its service and its port.
class Services : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }

  static ServedModelOptions small() {
    ServedModelOptions o;
    o.engine.threads = 2;
    o.engine.context = kContext;
    o.batch = {.max_replies = 4, .keep_prefixes = true};
    return o;
  }

  void start(ServedModelOptions options = small(), ServiceOptions access = {}) {
    server_.emplace(
        std::vector<ModelSource>{{"stories", test::shared_dir() / "models/stories260K"}},
        ModelSetOptions{.each = std::move(options)}, std::move(access));
  }

  test::ClientResponse post(std::string_view path, const Json& body,
                            std::string_view headers = {}) const {
    return server_->post(path, body, headers);
  }

  /// What the only model does, once nothing is left to do.
  ModelStatus idle_status() {
    for (int i = 0; i < 2000; ++i) {
      const ModelStatus status = server_->models().entries()[0].status;
      if (status.running == 0 && status.waiting == 0) return status;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ADD_FAILURE() << "something is left to do";
    return {};
  }

  std::optional<test::ServedPort> server_;
  std::mutex mutex_;
  std::vector<std::string> order_;  ///< ids of requests, as they were answered
};

/// The joined texts of a stream, and its last events.
struct Streamed {
  std::string text, finish;
  Json usage;
  bool done = false;
};

Streamed joined(const std::string& body) {
  Streamed out;
  std::size_t at = 0;
  while (at < body.size()) {
    const std::size_t end = body.find("\n\n", at);
    const std::string event = body.substr(at, end - at);
    at = end + 2;
    if (!event.starts_with("data: ")) continue;
    if (event == "data: [DONE]") {
      out.done = true;
      continue;
    }
    const Json json = Json::parse(event.substr(6));
    if (json.contains("usage") && !json["usage"].is_null()) out.usage = json["usage"];
    for (const Json& choice : json["choices"]) {
      out.text += choice["text"].get<std::string>();
      if (!choice["finish_reason"].is_null()) out.finish = choice["finish_reason"];
    }
  }
  return out;
}

TEST_F(Services, CompletesWholeAndAsAStream) {
  start();
  Json body = {
      {"model", "stories"}, {"prompt", "Once upon a time"}, {"max_tokens", 20}, {"temperature", 0}};
  const auto whole = post("/v1/completions", body);
  ASSERT_EQ(whole.status, 200) << whole.body;
  const Json json = whole.json();
  EXPECT_EQ(json["object"], "text_completion");
  EXPECT_EQ(json["choices"][0]["finish_reason"], "length");
  EXPECT_EQ(json["usage"]["completion_tokens"], 20);
  body["stream"] = true;
  body["stream_options"] = {{"include_usage", true}};
  const auto stream = post("/v1/completions", body);
  EXPECT_EQ(stream.headers.at("content-type"), "text/event-stream");
  const Streamed got = joined(stream.body);
  EXPECT_EQ(got.text, json["choices"][0]["text"]);
  EXPECT_EQ(got.finish, "length");
  EXPECT_TRUE(got.done);
  EXPECT_EQ(got.usage["completion_tokens"], 20);
  EXPECT_EQ(got.usage["total_tokens"], json["usage"]["total_tokens"]);
}

TEST_F(Services, EchoesWithLogprobsThatAreThoseOfTheReply) {
  start();
  const auto reply = post("/v1/completions", {{"prompt", "Lily"},
                                              {"max_tokens", 6},
                                              {"temperature", 0},
                                              {"logprobs", 2},
                                              {"echo", true}})
                         .json()["choices"][0];
  const Json& logprobs = reply["logprobs"];
  const std::string text = reply["text"];
  ASSERT_EQ(logprobs["tokens"].size(), logprobs["token_logprobs"].size());
  EXPECT_TRUE(logprobs["token_logprobs"][0].is_null());
  EXPECT_EQ(logprobs["top_logprobs"][1].size(), 2u);
  // Scoring the whole text again gives what writing it gave.
  const auto scored = post("/v1/completions",
                           {{"prompt", text}, {"max_tokens", 0}, {"logprobs", 0}, {"echo", true}})
                          .json()["choices"][0];
  EXPECT_EQ(scored["text"], text);
  EXPECT_EQ(scored["logprobs"]["token_logprobs"], logprobs["token_logprobs"]);
}

TEST_F(Services, SeedsRepeatAndChoicesCountThemUp) {
  start();
  const auto texts = [&](std::int64_t seed, int n) {
    const auto answer = post(
        "/v1/completions",
        {{"prompt", "Once"}, {"max_tokens", 12}, {"temperature", 1}, {"seed", seed}, {"n", n}});
    std::vector<std::string> out;
    const Json json = answer.json();
    EXPECT_EQ(json["timings"]["seed"], seed);
    for (const Json& choice : json["choices"]) out.push_back(choice["text"]);
    return out;
  };
  const auto three = texts(7, 3);
  ASSERT_EQ(three.size(), 3u);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(texts(7 + i, 1)[0], three[static_cast<std::size_t>(i)]);
  EXPECT_NE(three[0], three[1]);
}

TEST_F(Services, PromptsThatDoNotFitAreRefusedWithBothNumbers) {
  start();
  const auto answer =
      post("/v1/completions", {{"prompt", std::vector<int>(kContext + 5, 5)}, {"max_tokens", 1}});
  EXPECT_EQ(answer.status, 400);
  const Json error = answer.json()["error"];
  EXPECT_EQ(error["code"], "context_length_exceeded");
  EXPECT_EQ(error["n_prompt_tokens"], kContext + 5);
  EXPECT_EQ(error["n_ctx"], kContext);
  EXPECT_EQ(
      post("/v1/completions", {{"prompt", std::string(100'000, 'x')}}).json()["error"]["code"],
      "context_length_exceeded");
}

TEST_F(Services, WrongRequestsAreRefusedByName) {
  start();
  const std::pair<Json, const char*> cases[] = {
      {{{"max_tokens", 3}}, "prompt"},
      {{{"prompt", 5}}, "prompt"},
      {{{"prompt", {-1}}}, "prompt"},
      {{{"prompt", "x"}, {"temperature", 1000}}, "temperature"},
      {{{"prompt", "x"}, {"top_p", "1"}}, "top_p"},
      {{{"prompt", "x"}, {"n", 0}}, "n"},
      {{{"prompt", "x"}, {"n", 1'000'000}}, "n"},
      {{{"prompt", {"a", "b", "c"}}, {"n", 16}}, "n"},
      {{{"prompt", "x"}, {"stop", std::vector<std::string>(100, "a")}}, "stop"},
      {{{"prompt", "x"}, {"stop", ""}}, "stop"},
      {{{"prompt", "x"}, {"logprobs", 1000}}, "logprobs"},
      {{{"prompt", "x"}, {"suffix", "y"}}, "suffix"},
      {{{"prompt", "x"}, {"logit_bias", {{"5", 1}}}}, "logit_bias"},
      {{{"prompt", "x"}, {"stream_options", 1}}, "stream_options"},
  };
  for (const auto& [body, param] : cases) {
    const auto answer = post("/v1/completions", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.json()["error"]["param"], param) << body;
  }
  const auto unknown = post("/v1/completions", {{"model", "other"}, {"prompt", "x"}});
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr("stories"));
  EXPECT_EQ(ask(server_->port(), "GET", "/nowhere").status, 404);
  EXPECT_EQ(ask(server_->port(), "GET", "/v1/completions").status, 405);
  // This model has no chat template.
  EXPECT_EQ(
      post("/v1/chat/completions", {{"messages", {{{"role", "user"}, {"content", "x"}}}}}).status,
      400);
  EXPECT_EQ(post("/v1/completions", {{"prompt", "x"}, {"max_tokens", 1}, {"whatever", 1}})
                .headers.at("pangu-ignored"),
            "whatever");
}

TEST_F(Services, ThinkingIsEndedOnlyOfRepliesThatAreBeingWritten) {
  start();
  const char* const path = "/v1/chat/completions/control";
  const auto none = post(path, {{"id", "chatcmpl-1"}, {"action", "reasoning_end"}});
  EXPECT_EQ(none.status, 200);
  EXPECT_EQ(none.json()["success"], false);
  const auto wrong = post(path, {{"id", "chatcmpl-1"}, {"action", "stop"}});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("reasoning_end"));
  EXPECT_EQ(post(path, {{"action", "reasoning_end"}}).status, 400);
}

TEST_F(Services, TokensGoThereAndBack) {
  start();
  const Json tokens = post("/tokenize", {{"content", "Once upon"}}).json();
  EXPECT_EQ(tokens["count"], tokens["tokens"].size());
  EXPECT_EQ(post("/detokenize", {{"tokens", tokens["tokens"]}}).json()["content"], "Once upon");
  EXPECT_EQ(post("/detokenize", {{"tokens", {1'000'000}}}).status, 400);
}

TEST_F(Services, RepliesAreHeldToForms) {
  start();
  const auto text = [&](Json body) {
    body["prompt"] = "Once upon a time";
    body["max_tokens"] = 60;
    const auto answer = post("/v1/completions", body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json()["choices"][0]["text"].get<std::string>();
  };
  const Json schema = {
      {"type", "object"},
      {"properties", {{"zoo", {{"enum", {"cat", "dog"}}}}, {"age", {{"type", "boolean"}}}}},
      {"required", {"zoo", "age"}},
      {"additionalProperties", false}};
  // The order is that of the text that was sent.
  const std::string body = R"({"prompt": "Once", "max_tokens": 60, "response_format": {"type":
      "json_schema", "json_schema": {"name": "n", "strict": true, "schema": {"type": "object",
      "properties": {"zoo": {"enum": ["cat", "dog"]}, "age": {"type": "boolean"}},
      "required": ["zoo", "age"], "additionalProperties": false}}}})";
  const Json held = Json::parse(ask(server_->port(), "POST", "/v1/completions", body)
                                    .json()["choices"][0]["text"]
                                    .get<std::string>());
  EXPECT_TRUE(held["zoo"] == "cat" || held["zoo"] == "dog") << held;
  EXPECT_TRUE(held["age"].is_boolean());
  for (const char* key : {"guided_json", "json_schema"}) {
    EXPECT_EQ(Json::parse(text({{key, schema}})).size(), 2u) << key;
  }
  EXPECT_THAT(text({{"guided_choice", {"red", "green"}}}), testing::AnyOf("red", "green"));
  EXPECT_THAT(text({{"guided_regex", "[ab]{3}"}}), testing::MatchesRegex("[ab][ab][ab]"));
  EXPECT_THAT(text({{"grammar", "root ::= \"yes\" | \"no\""}}), testing::AnyOf("yes", "no"));
  const std::pair<Json, const char*> wrong[] = {
      {{{"guided_regex", "["}}, "guided_regex"},
      {{{"guided_json", {{"type", "object"}, {"if", true}}}}, "guided_json"},
      {{{"guided_json", schema}, {"guided_regex", "a"}}, "guided_regex"},
      {{{"response_format", {{"type", "yaml"}}}}, "response_format.type"},
      {{{"response_format", {{"type", "json_schema"}}}}, "response_format.json_schema"},
      {{{"grammar", "root ::= ("}}, "grammar"},
  };
  for (auto [body_of_one, param] : wrong) {
    body_of_one["prompt"] = "x";
    const auto answer = post("/v1/completions", body_of_one);
    EXPECT_EQ(answer.status, 400) << body_of_one;
    EXPECT_EQ(answer.json()["error"]["param"], param) << answer.body;
  }
}

TEST_F(Services, TextsAreEmbedded) {
  start();
  const std::string texts[] = {"Once upon a time", "The boy was sad"};
  const Json all = post("/v1/embeddings", {{"input", texts}}).json();
  ASSERT_EQ(all["data"].size(), 2u) << all;
  double length = 0;
  for (const Json& x : all["data"][0]["embedding"]) length += x.get<double>() * x.get<double>();
  EXPECT_NEAR(length, 1, 1e-5);
  // The same alone, and as tokens; another text and another pooling are others.
  const auto one = [&](const Json& body) {
    return post("/v1/embeddings", body).json()["data"][0]["embedding"];
  };
  EXPECT_EQ(one({{"input", texts[1]}}), all["data"][1]["embedding"]);
  const Json tokens =
      post("/tokenize", {{"content", texts[0]}, {"add_special", true}}).json()["tokens"];
  EXPECT_EQ(one({{"input", tokens}}), all["data"][0]["embedding"]);
  EXPECT_NE(one({{"input", texts[0]}, {"pooling", "last"}}), all["data"][0]["embedding"]);
  EXPECT_EQ(one({{"input", texts[0]}, {"encoding_format", "base64"}}).get<std::string>().size(),
            (all["data"][0]["embedding"].size() * 4 + 2) / 3 * 4);
  for (const Json& wrong :
       {Json{{"input", ""}}, Json{{"input", Json::array()}}, Json::object(),
        Json{{"input", "x"}, {"pooling", "best"}}, Json{{"input", "x"}, {"dimensions", 3}}}) {
    EXPECT_EQ(post("/v1/embeddings", wrong).status, 400) << wrong;
  }
}

TEST_F(Services, TextsAreEmbeddedInOllamasForm) {
  start();
  const std::string texts[] = {"Once upon a time", "The boy was sad"};
  const Json ours = post("/v1/embeddings", {{"input", texts}}).json()["data"];
  const auto answer = post("/api/embed", {{"input", texts}, {"truncate", true}, {"odd", 1}});
  EXPECT_EQ(answer.headers.at("pangu-ignored"), "odd");
  const Json all = answer.json();
  ASSERT_EQ(all["embeddings"].size(), 2u) << all;
  EXPECT_EQ(all["embeddings"][1], ours[1]["embedding"]);
  EXPECT_GT(all["prompt_eval_count"], 4);
  EXPECT_EQ(post("/api/embeddings", {{"prompt", texts[0]}}).json()["embedding"],
            ours[0]["embedding"]);
  // Who sends nothing asks whether the model is there.
  EXPECT_EQ(post("/api/embed", {{"model", "stories"}}).json()["embeddings"], Json::array());
  EXPECT_EQ(post("/api/embeddings", {{"prompt", ""}}).json()["embedding"], Json::array());
  // Nothing is cut.
  const auto long_one = post("/api/embed", {{"input", std::string(5000, 'x')}, {"truncate", true}});
  EXPECT_EQ(long_one.status, 400);
  EXPECT_TRUE(long_one.json()["error"].is_string()) << long_one.body;
}

TEST_F(Services, OptionsAreChosenFromWithoutWriting) {
  start();
  const Json body = {{"prompt", "Lily wanted to play with her"},
                     {"options", {"ball", "mom", "because"}},
                     {"orders", 6}};
  const Json decision = post("/v1/decisions", body).json();
  ASSERT_EQ(decision["options"].size(), 3u) << decision;
  double sum = 0;
  for (const Json& option : decision["options"]) sum += option["probability"].get<double>();
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_EQ(decision["orders"].size(), 6u);
  EXPECT_EQ(decision["orders"][1]["order"], Json({2, 1, 0}));
  EXPECT_GT(decision["usage"]["prompt_tokens_details"]["cached_tokens"], 0);
  // Where all orders are tried, it does not matter which one came.
  Json turned = body;
  turned["options"] = {"because", "ball", "mom"};
  const Json same = post("/v1/decisions", turned).json();
  EXPECT_EQ(same["choice"]["text"], decision["choice"]["text"]);
  EXPECT_NEAR(same["options"][1]["probability"].get<double>(),
              decision["options"][0]["probability"].get<double>(), 1e-9);
  EXPECT_EQ(post("/v1/decisions", {{"prompt", "x"}, {"options", {"a", "b"}}, {"odd", 1}})
                .headers.at("pangu-ignored"),
            "odd");
}

/// A single order is what the likelihoods of the answers say, as /v1/completions tells them, too.
TEST_F(Services, DecisionsAreTheLikelihoodsOfLabels) {
  start();
  const Json one =
      post("/v1/decisions", {{"prompt", "Q"}, {"options", {"a", "b"}}, {"orders", 1}}).json();
  std::vector<double> logs;
  for (const char* label : {"A", "B"}) {
    const Json body = {{"prompt", std::string("Q\n\nA. a\nB. b\nAnswer: ") + label},
                       {"max_tokens", 0},
                       {"logprobs", 0},
                       {"echo", true}};
    logs.push_back(0);
    const Json scored = post("/v1/completions", body).json()["choices"][0]["logprobs"];
    for (const Json& logprob : scored["token_logprobs"]) {
      if (!logprob.is_null()) logs.back() += logprob.get<double>();
    }
  }
  EXPECT_NEAR(one["options"][0]["probability"].get<double>(), 1 / (1 + std::exp(logs[1] - logs[0])),
              1e-4);
  EXPECT_GT(one["label_mass"], 0);
  EXPECT_LE(one["label_mass"], 1);
}

TEST_F(Services, WrongDecisionsAreRefusedByName) {
  start();
  const std::pair<Json, const char*> cases[] = {
      {{{"prompt", "x"}}, "options"},
      {{{"prompt", "x"}, {"options", "a"}}, "options"},
      {{{"prompt", "x"}, {"options", {"a"}}}, "options"},
      {{{"prompt", "x"}, {"options", {"a", "a"}}}, "options"},
      {{{"prompt", "x"}, {"options", {"a", ""}}}, "options"},
      {{{"prompt", "x"}, {"options", std::vector<std::string>(27, "a")}}, "options"},
      {{{"options", {"a", "b"}}}, "messages"},
      {{{"prompt", "x"}, {"options", {"a", "b"}}, {"orders", 3}}, "orders"},
      {{{"prompt", "x"}, {"messages", Json::array()}, {"options", {"a", "b"}}}, "prompt"},
  };
  for (const auto& [body, param] : cases) {
    const auto answer = post("/v1/decisions", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.json()["error"]["param"], param) << answer.body;
  }
  EXPECT_EQ(post("/v1/decisions", {{"prompt", std::string(5000, 'x')}, {"options", {"a", "b"}}})
                .json()["error"]["code"],
            "context_length_exceeded");
}

TEST_F(Services, KeysGuardEverythingButHealth) {
  ServiceOptions access;
  access.keys = ApiKeys({{"all", "secret-all", {Scope::kInference, Scope::kMetrics}},
                         {"ops", "secret-ops", {Scope::kMetrics}}});
  start(small(), std::move(access));
  const auto status = [&](const char* path, const char* headers) {
    return ask(server_->port(), "GET", path, {}, headers).status;
  };
  EXPECT_EQ(status("/health", ""), 200);
  for (const char* path : {"/v1/models", "/metrics", "/props"}) {
    EXPECT_EQ(status(path, ""), 401) << path;
    EXPECT_EQ(status(path, "Authorization: Bearer secret\r\n"), 401) << path;
    EXPECT_EQ(status(path, "Authorization: Bearer secret-all\r\n"), 200) << path;
  }
  EXPECT_EQ(status("/v1/models", "X-Api-Key: secret-ops\r\n"), 403);
  EXPECT_EQ(status("/metrics", "X-Api-Key: secret-ops\r\n"), 200);
  EXPECT_EQ(ask(server_->port(), "POST", "/v1/completions", "{}").status, 401);
}

TEST_F(Services, PromptsAreSharedOnlyWithThoseWhoMay) {
  for (const bool isolates : {false, true}) {
    ServiceOptions access;
    access.keys = ApiKeys({{"anna", "key-of-anna", {Scope::kInference}},
                           {"berta", "key-of-berta", {Scope::kInference}}});
    access.isolates_keys = isolates;
    start(small(), std::move(access));
    const auto cached = [&](const std::string& key, const char* salt) {
      Json body = {{"prompt", "Once upon a time there was a girl"}, {"max_tokens", 2}};
      if (salt) body["cache_salt"] = salt;
      const auto answer = post("/v1/completions", body, "Authorization: Bearer " + key + "\r\n");
      EXPECT_EQ(answer.status, 200) << answer.body;
      return answer.json()["usage"]["prompt_tokens_details"]["cached_tokens"].get<int>();
    };
    EXPECT_EQ(cached("key-of-anna", nullptr), 0);
    EXPECT_GT(cached("key-of-anna", nullptr), 0);
    EXPECT_EQ(cached("key-of-anna", "s"), 0);
    EXPECT_GT(cached("key-of-anna", "s"), 0);
    EXPECT_EQ(cached("key-of-berta", nullptr) > 0, !isolates);
    EXPECT_EQ(cached("key-of-berta", "s") > 0, !isolates);
    server_.reset();
  }
}

TEST_F(Services, RefusesWhatTheQueueDoesNotHold) {
  ServedModelOptions options = small();
  options.batch.max_replies = 1;
  options.max_waiting = 1;
  start(options);
  // One is written, one waits, no third.
  const auto third = post("/v1/completions", {{"prompt", "x"}, {"n", 3}, {"max_tokens", 1}});
  EXPECT_EQ(third.status, 429) << third.body;
  EXPECT_GE(std::stoi(third.headers.at("retry-after")), 1);
  EXPECT_EQ(post("/v1/completions", {{"prompt", "x"}, {"n", 2}, {"max_tokens", 1}}).status, 200);
}

TEST_F(Services, RepliesThatTakeTooLongEndWithAnError) {
  ServiceOptions access;
  access.max_time_s = 3600;
  ServedModelOptions options = small();
  options.engine.context = 4000;  // longer than a millisecond
  options.batch.keep_prefixes = false;
  start(options, std::move(access));
  Json body = {{"prompt", "Once"}, {"max_tokens", 3900}, {"ignore_eos", true}, {"timeout", 0.001}};
  const auto whole = post("/v1/completions", body);
  EXPECT_EQ(whole.status, 504) << whole.body;
  EXPECT_EQ(whole.json()["error"]["code"], "timeout");
  EXPECT_THAT(whole.body, HasSubstr("0.001 s"));
  body["stream"] = true;
  body["timeout"] = 0.1;
  const auto stream = post("/v1/completions", body);
  EXPECT_EQ(stream.status, 200);
  const auto last = stream.body.rfind("data: ");
  EXPECT_EQ(Json::parse(stream.body.substr(last + 6))["error"]["type"], "timeout_error");
  EXPECT_EQ(idle_status().batch.free_positions, idle_status().batch.cache_positions);
  const auto soon =
      post("/v1/completions", {{"prompt", "Once"}, {"max_tokens", 2}, {"timeout", 99}});
  EXPECT_EQ(soon.status, 200);
  EXPECT_FALSE(soon.headers.contains("pangu-ignored"));
  for (const Json& wrong : {Json(0), Json("1"), Json(-1)}) {
    const auto refused = post("/v1/completions", {{"prompt", "x"}, {"timeout", wrong}});
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.json()["error"]["param"], "timeout");
  }
}

TEST_F(Services, TheServersTimeBoundsWhatRequestsAskFor) {
  ServiceOptions access;
  access.max_time_s = 0.001;
  ServedModelOptions options = small();
  options.engine.context = 4000;
  start(options, std::move(access));
  const auto answer =
      post("/v1/completions",
           {{"prompt", "Once"}, {"max_tokens", 3900}, {"ignore_eos", true}, {"timeout", 100}});
  EXPECT_EQ(answer.status, 504);
  EXPECT_THAT(answer.body, HasSubstr("--max-time"));
}

TEST_F(Services, LowerPrioritiesAreAnsweredFirst) {
  ServedModelOptions options = small();
  options.batch.max_replies = 1;
  options.engine.context = 1000;
  // In the order in which the server answers, not in that in which threads here wake up.
  ServiceOptions access;
  access.access_log = [this](const std::string& line) {
    const std::lock_guard lock(mutex_);
    order_.push_back(Json::parse(line)["id"]);
  };
  start(options, std::move(access));
  const auto asked = [&](int priority, std::int64_t tokens) {
    return std::thread([this, priority, tokens] {
      EXPECT_EQ(post("/v1/completions",
                     {{"prompt", "Once"},
                      {"max_tokens", tokens},
                      {"ignore_eos", true},
                      {"priority", priority}},
                     fmt::format("X-Request-Id: {}\r\n", priority))
                    .status,
                200);
    });
  };
  const auto waiting = [&] { return server_->models().entries()[0].status.waiting; };
  std::vector<std::thread> threads;
  threads.push_back(asked(0, 900));
  for (int i = 0; i < 2000 && server_->models().entries()[0].status.running == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (const int priority : {5, 1, -3}) {
    const std::size_t before = waiting();
    threads.push_back(asked(priority, 2));
    for (int i = 0; i < 2000 && waiting() == before; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  const bool all_waited = waiting() == 3;
  for (std::thread& thread : threads) thread.join();
  if (all_waited) {
    EXPECT_THAT(order_, testing::ElementsAre("0", "-3", "1", "5"));
  }
  EXPECT_EQ(post("/v1/completions", {{"prompt", "x"}, {"priority", 0.5}}).status, 400);
}

TEST_F(Services, CountsWhatItDoes) {
  start();
  post("/v1/completions", {{"prompt", "Once"}, {"max_tokens", 5}});
  const std::string text = ask(server_->port(), "GET", "/metrics").body;
  EXPECT_THAT(text, HasSubstr("vllm:generation_tokens_total{model_name=\"stories\"} 5"));
  EXPECT_THAT(text,
              HasSubstr("pangu_http_requests_total{path=\"/v1/completions\",status=\"200\"} 1"));
  EXPECT_THAT(text, HasSubstr("vllm:num_requests_running{model_name=\"stories\"} 0"));
  const Json props = ask(server_->port(), "GET", "/props").json();
  EXPECT_EQ(props["models"][0]["replies"], 1);
  EXPECT_EQ(props["models"][0]["files"], "unchanged");
  EXPECT_GT(props["models"][0]["bytes"], 1000);
  EXPECT_TRUE(props["pending"].empty());
  EXPECT_THAT(text, HasSubstr("pangu_model_loaded{model_name=\"stories\"} 1"));
}

/// One request of a mix, and what the engine alone answers.
struct Expected {
  Json body;
  std::string text;
};

std::vector<Expected> mixed_requests(Engine& engine) {
  const char* prompts[] = {"Once upon a time",
                           "Once upon a time, there was a dog",
                           "Lily",
                           "The boy was sad because",
                           "Tom and Sue",
                           "One day"};
  std::vector<Expected> out;
  for (std::size_t i = 0; i < 12; ++i) {
    GenerateOptions options{.max_tokens = 10 + static_cast<std::int64_t>(i) * 3};
    if (i % 2 == 1) options.sampling = {.temperature = 1.0f, .seed = i};
    if (i % 3 == 0) options.stop = {"the"};
    const char* prompt = prompts[i % std::size(prompts)];
    Json body = {{"prompt", prompt},
                 {"max_tokens", options.max_tokens},
                 {"temperature", options.sampling.temperature},
                 {"seed", i}};
    if (i % 3 == 0) body["stop"] = "the";
    if (i % 4 == 0) body["stream"] = true;
    out.push_back({std::move(body), engine.generate(prompt, options).text});
  }
  return out;
}

/// Whoever asks at the same time, whatever is kept or guessed, and whoever goes away: each gets
/// what it would get alone, and nothing is left behind.
TEST_F(Services, RepliesDoNotDependOnTheLoad) {
  Engine engine =
      Engine::load(test::shared_dir() / "models/stories260K", {.threads = 2, .context = kContext});
  const std::vector<Expected> mix = mixed_requests(engine);
  const std::int64_t each = test::number_from("PANGU_SERVE_REQUESTS", test::kSanitized ? 24 : 120);
  for (const bool keeps : {false, true}) {
    for (const auto mode : {SpeculationMode::kOff, SpeculationMode::kAuto}) {
      ServedModelOptions options = small();
      options.batch.keep_prefixes = keeps;
      options.batch.cache_positions = 2 * kContext;  // less than four replies may need
      options.engine.speculation.mode = mode;
      start(options);
      for (const int clients : {1, 8, 64}) {
        std::vector<std::thread> threads;
        for (int c = 0; c < clients; ++c) {
          threads.emplace_back([&, c] {
            std::mt19937 random(static_cast<unsigned>(test::seed()) + static_cast<unsigned>(c));
            for (std::int64_t i = c; i < each; i += clients) {
              const Expected& one = mix[random() % mix.size()];
              if (random() % 5 == 0) {
                HttpClient rude(server_->port());
                rude.request("POST", "/v1/completions", one.body.dump());
                std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
                continue;
              }
              const auto answer = post("/v1/completions", one.body);
              ASSERT_EQ(answer.status, 200) << answer.body;
              const std::string text = one.body.contains("stream")
                                           ? joined(answer.body).text
                                           : answer.json()["choices"][0]["text"].get<std::string>();
              ASSERT_EQ(text, one.text) << one.body;
            }
          });
        }
        for (std::thread& thread : threads) thread.join();
        const ModelStatus status = idle_status();
        EXPECT_EQ(status.batch.free_positions + status.batch.kept_positions,
                  status.batch.cache_positions);
      }
      server_.reset();
    }
  }
}

}  // namespace
}  // namespace pangu::serve
