// SPDX-License-Identifier: Apache-2.0
// What is computed without writing: vectors of texts, and which option a model prefers.
#include <gmock/gmock.h>

#include <cmath>

#include "serve/testing/small_service.h"

namespace pangu::serve {
namespace {

class ComputedAnswers : public test::SmallService {};

TEST_F(ComputedAnswers, TextsAreEmbedded) {
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

TEST_F(ComputedAnswers, TextsAreEmbeddedInOllamasForm) {
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

TEST_F(ComputedAnswers, OptionsAreChosenFromWithoutWriting) {
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
TEST_F(ComputedAnswers, DecisionsAreTheLikelihoodsOfLabels) {
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

TEST_F(ComputedAnswers, WrongDecisionsAreRefusedByName) {
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

}  // namespace
}  // namespace pangu::serve
