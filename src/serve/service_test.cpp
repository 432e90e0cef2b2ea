// SPDX-License-Identifier: Apache-2.0
// The server as clients meet it, in this process: a small model behind a port.
#include "serve/service.h"

#include <gmock/gmock.h>

#include "serve/testing/small_service.h"

namespace pangu::serve {
namespace {

using test::ask;
using test::joined;
using test::Streamed;
using testing::HasSubstr;

class Services : public test::SmallService {};

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
      {{{"prompt", "x"}, {"logit_bias", {{"5", 101}}}}, "logit_bias"},
      {{{"prompt", "x"}, {"logit_bias", {{"05x", 1}}}}, "logit_bias"},
      {{{"prompt", "x"}, {"logit_bias", {{"512", 1}}}}, "logit_bias"},
      {{{"prompt", "x"}, {"logit_bias", {1, 2}}}, "logit_bias"},
      {{{"prompt", "x"}, {"stream_options", 1}}, "stream_options"},
  };
  for (const auto& [body, param] : cases) {
    const auto answer = post("/v1/completions", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.json()["error"]["param"], param) << body;
  }
  EXPECT_THAT(post("/v1/completions", {{"prompt", "x"}, {"logit_bias", {{"512", 1}}}}).body,
              testing::AllOf(HasSubstr("512"), HasSubstr("511")));
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

TEST_F(Services, LogitsAreShiftedAsAskedFor) {
  start();
  const Json body = {{"prompt", "Once"}, {"max_tokens", 3}, {"temperature", 0}};
  Json shifted = body;
  shifted["logit_bias"] = {{"65", 100}};
  const std::string plain = post("/v1/completions", body).json()["choices"][0]["text"];
  const std::string held = post("/v1/completions", shifted).json()["choices"][0]["text"];
  const Json piece = post("/detokenize", {{"tokens", {65, 65, 65}}}).json()["content"];
  EXPECT_NE(plain, held);
  EXPECT_EQ(held, piece);
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

TEST_F(Services, CountsWhatItDoes) {
  start();
  post("/v1/completions", {{"prompt", "Once"}, {"max_tokens", 5}});
  const std::string text = ask(server_->port(), "GET", "/metrics").body;
  EXPECT_THAT(text, HasSubstr("vllm:generation_tokens_total{model_name=\"stories\"} 5"));
  EXPECT_THAT(text,
              HasSubstr("pangu_http_requests_total{path=\"/v1/completions\",status=\"200\"} 1"));
  EXPECT_THAT(text, HasSubstr("pangu_build_info{backend=\"cpu\""));
  EXPECT_THAT(text, HasSubstr("vllm:num_requests_running{model_name=\"stories\"} 0"));
  const Json props = ask(server_->port(), "GET", "/props").json();
  EXPECT_EQ(props["models"][0]["replies"], 1);
  EXPECT_EQ(props["models"][0]["written_tokens"], 5);
  EXPECT_EQ(props["default_generation_settings"]["n_ctx"], kContext);
  EXPECT_EQ(props["build_info"], "pangu unknown");
  EXPECT_FALSE(props.contains("profile"));
  EXPECT_EQ(props["models"][0]["files"], "unchanged");
  EXPECT_GT(props["models"][0]["bytes"], 1000);
  EXPECT_TRUE(props["pending"].empty());
  EXPECT_THAT(text, HasSubstr("pangu_model_loaded{model_name=\"stories\"} 1"));
}

}  // namespace
}  // namespace pangu::serve
