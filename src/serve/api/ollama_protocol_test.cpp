// SPDX-License-Identifier: Apache-2.0
#include "serve/api/ollama_protocol.h"

#include <gmock/gmock.h>

#include "serve/testing/protocol_feed.h"

namespace pangu::serve {
namespace {

TEST(OllamaProtocol, StreamsLinesOfAChat) {
  const auto protocol = ollama_protocol(OllamaForm::kChat, "m", 7);
  EXPECT_EQ(protocol->content_type(), "application/x-ndjson");
  EXPECT_EQ(protocol->keep_alive(), "");
  const std::vector<Json> lines =
      test::lines_of(test::streamed(*protocol, {.tokens = {"~hm", "", "Hel", "lo"}}));
  ASSERT_EQ(lines.size(), 4u);
  for (const Json& line : lines) {
    EXPECT_EQ(line["model"], "m");
    EXPECT_EQ(line["message"]["role"], "assistant");
    EXPECT_THAT(line["created_at"].get<std::string>(),
                testing::MatchesRegex("20..-..-..T..:..:..\\.......Z"));
  }
  EXPECT_EQ(lines[0]["message"]["thinking"], "hm");
  EXPECT_EQ(lines[0]["message"]["content"], "");
  EXPECT_EQ(lines[2]["message"]["content"], "lo");
  EXPECT_FALSE(lines[2]["message"].contains("thinking"));
  EXPECT_EQ(lines[2]["done"], false);
  const Json& last = lines[3];
  EXPECT_EQ(last["message"]["content"], "");
  EXPECT_EQ(last["done"], true);
  EXPECT_EQ(last["done_reason"], "stop");
  EXPECT_EQ(last["total_duration"], 1'000'000'000);
  EXPECT_EQ(last["prompt_eval_count"], 10);
  EXPECT_EQ(last["prompt_eval_duration"], 250'000'000);
  EXPECT_EQ(last["eval_count"], 4);
  EXPECT_EQ(last["eval_duration"], 500'000'000);
  EXPECT_EQ(last["timings"]["seed"], 7);
}

TEST(OllamaProtocol, AGeneratedTextIsTheResponse) {
  const test::MadeUpReply reply{.tokens = {"~hm", "a"}, .finish = FinishReason::kLength};
  const std::vector<Json> lines =
      test::lines_of(test::streamed(*ollama_protocol(OllamaForm::kGenerate, "m", 7), reply));
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0]["thinking"], "hm");
  EXPECT_EQ(lines[1]["response"], "a");
  EXPECT_EQ(lines[2]["response"], "");
  EXPECT_EQ(lines[2]["done_reason"], "length");
  EXPECT_FALSE(lines[2].contains("message"));
  const Json whole = ollama_protocol(OllamaForm::kGenerate, "m", 7)->whole(reply.choices());
  EXPECT_EQ(whole["response"], "a");
  EXPECT_EQ(whole["thinking"], "hm");
  EXPECT_EQ(whole["done"], true);
}

TEST(OllamaProtocol, CallsComeWholeWithObjectsForArguments) {
  const test::MadeUpReply reply{
      .tokens = {"I look.", "+find", R"(={"z": 1,)", R"(= "a": 2})", "+stop", "={}"}};
  const std::vector<Json> lines =
      test::lines_of(test::streamed(*ollama_protocol(OllamaForm::kChat, "m", 7), reply));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[1]["message"]["tool_calls"][0]["function"],
            Json({{"index", 0}, {"name", "find"}, {"arguments", {{"z", 1}, {"a", 2}}}}));
  EXPECT_EQ(lines[2]["message"]["tool_calls"][0]["function"]["index"], 1);
  EXPECT_EQ(lines[3]["done_reason"], "stop");
  const OrderedJson whole = ollama_protocol(OllamaForm::kChat, "m", 7)->whole(reply.choices());
  ASSERT_EQ(whole["message"]["tool_calls"].size(), 2u);
  // In the order in which the model wrote it.
  EXPECT_EQ(whole["message"]["tool_calls"][0]["function"]["arguments"].dump(), R"({"z":1,"a":2})");
  EXPECT_EQ(whole["message"]["content"], "I look.");
}

TEST(OllamaProtocol, ACallThatIsNotWholeIsText) {
  const test::MadeUpReply cut{.tokens = {"+find", R"(={"z": )"}, .finish = FinishReason::kLength};
  const std::vector<Json> lines =
      test::lines_of(test::streamed(*ollama_protocol(OllamaForm::kChat, "m", 7), cut));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["message"]["content"], R"(find{"z": )");
  EXPECT_EQ(lines[1]["done_reason"], "length");
  const Json whole = ollama_protocol(OllamaForm::kChat, "m", 7)->whole(cut.choices());
  EXPECT_EQ(whole["message"]["content"], R"(find{"z": )");
  EXPECT_FALSE(whole["message"].contains("tool_calls"));
}

TEST(OllamaProtocol, AnErrorIsALineOrABody) {
  const auto protocol = ollama_protocol(OllamaForm::kChat, "m", 7);
  const std::vector<Json> lines = test::lines_of(protocol->stream_error(unavailable("no room")));
  EXPECT_EQ(lines.at(0), Json({{"error", "no room"}}));
  const HttpResponse response = ollama_error(too_many("full", 3));
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(Json::parse(response.body), Json({{"error", "full"}}));
  EXPECT_EQ(response.headers, (Headers{{"retry-after", "3"}}));
}

TEST(OllamaProtocol, WhoOnlyWantsTheModelIsToldThatItIsThere) {
  const Json loaded = ollama_loaded(OllamaForm::kChat, "m");
  EXPECT_EQ(loaded["done"], true);
  EXPECT_EQ(loaded["done_reason"], "load");
  EXPECT_EQ(loaded["message"]["content"], "");
  EXPECT_EQ(ollama_loaded(OllamaForm::kGenerate, "m")["response"], "");
}

TEST(OllamaProtocol, TimesHaveTheirFractions) {
  using std::chrono::microseconds;
  const std::chrono::system_clock::time_point epoch;
  EXPECT_EQ(rfc3339(epoch + microseconds(1'500'000)), "1970-01-01T00:00:01.500000Z");
  EXPECT_EQ(rfc3339(epoch + microseconds(42)), "1970-01-01T00:00:00.000042Z");
}

}  // namespace
}  // namespace pangu::serve
