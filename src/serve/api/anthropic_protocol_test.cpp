// SPDX-License-Identifier: Apache-2.0
#include "serve/api/anthropic_protocol.h"

#include <gtest/gtest.h>

#include "serve/testing/protocol_feed.h"

namespace pangu::serve {
namespace {

std::vector<Json> anthropic_events(const test::MadeUpReply& reply) {
  return test::typed_events(test::streamed(*anthropic_protocol("m", 10, 7), reply));
}

TEST(AnthropicProtocol, StreamsBlocksOfThoughtsAndText) {
  const std::vector<Json> e = anthropic_events({.tokens = {"~I ", "~see.", "", "Hel", "lo"}});
  ASSERT_EQ(test::types_of(e),
            "message_start content_block_start content_block_delta content_block_delta "
            "content_block_delta content_block_stop content_block_start content_block_delta "
            "content_block_delta content_block_stop message_delta message_stop");
  const Json& message = e[0]["message"];
  EXPECT_TRUE(message["id"].get<std::string>().starts_with("msg_"));
  EXPECT_EQ(message["type"], "message");
  EXPECT_EQ(message["role"], "assistant");
  EXPECT_EQ(message["model"], "m");
  EXPECT_EQ(message["content"], Json::array());
  EXPECT_EQ(message["stop_reason"], nullptr);
  EXPECT_EQ(message["usage"]["input_tokens"], 10);
  EXPECT_EQ(e[1]["content_block"],
            Json({{"type", "thinking"}, {"thinking", ""}, {"signature", ""}}));
  EXPECT_EQ(e[2]["delta"], Json({{"type", "thinking_delta"}, {"thinking", "I "}}));
  EXPECT_EQ(e[4]["delta"]["type"], "signature_delta");
  EXPECT_EQ(e[5]["index"], 0);
  EXPECT_EQ(e[6]["content_block"], Json({{"type", "text"}, {"text", ""}}));
  EXPECT_EQ(e[8]["delta"], Json({{"type", "text_delta"}, {"text", "lo"}}));
  EXPECT_EQ(e[9]["index"], 1);
  EXPECT_EQ(e[10]["delta"], Json({{"stop_reason", "end_turn"}, {"stop_sequence", nullptr}}));
  EXPECT_EQ(e[10]["usage"]["input_tokens"], 6);
  EXPECT_EQ(e[10]["usage"]["cache_read_input_tokens"], 4);
  EXPECT_EQ(e[10]["usage"]["output_tokens"], 5);
  EXPECT_EQ(e[10]["timings"]["seed"], 7);
}

TEST(AnthropicProtocol, EveryTurnOfThoughtsIsABlockOfItsOwn) {
  const std::vector<Json> e = anthropic_events({.tokens = {"a", "~b", "c"}});
  std::string blocks;
  for (const Json& event : e) {
    if (event["type"] != "content_block_start") continue;
    blocks += event["index"].dump() + event["content_block"]["type"].get<std::string>() + " ";
  }
  EXPECT_EQ(blocks, "0text 1thinking 2text ");
}

TEST(AnthropicProtocol, SaysWhyTheReplyEnded) {
  const auto reason = [](const test::MadeUpReply& reply) {
    const std::vector<Json> e = anthropic_events(reply);
    const Json whole = anthropic_protocol("m", 10, 7)->whole(reply.choices());
    EXPECT_EQ(e.at(e.size() - 2)["delta"]["stop_reason"], whole["stop_reason"]);
    EXPECT_EQ(e.at(e.size() - 2)["delta"]["stop_sequence"], whole["stop_sequence"]);
    return whole["stop_reason"].get<std::string>() + " " + whole["stop_sequence"].dump();
  };
  EXPECT_EQ(reason({.tokens = {"a"}}), "end_turn null");
  EXPECT_EQ(reason({.tokens = {"a"}, .finish = FinishReason::kLength}), "max_tokens null");
  EXPECT_EQ(reason({.tokens = {"a"}, .stop_text = "END"}), "stop_sequence \"END\"");
  EXPECT_EQ(reason({}), "end_turn null");
}

TEST(AnthropicProtocol, AWholeMessageHasItsBlocks) {
  const Json out =
      anthropic_protocol("m", 10, 7)->whole(test::MadeUpReply{.tokens = {"~hm", "x"}}.choices());
  EXPECT_EQ(out["type"], "message");
  ASSERT_EQ(out["content"].size(), 2u);
  EXPECT_EQ(out["content"][0]["thinking"], "hm");
  EXPECT_EQ(out["content"][1], Json({{"type", "text"}, {"text", "x"}}));
  EXPECT_EQ(out["usage"]["output_tokens"], 2);
}

TEST(AnthropicProtocol, CallsAreBlocksWithPiecesOfTheirInput) {
  const test::MadeUpReply reply{
      .tokens = {"~hm", "I look.", "+find", R"(={"z": 1,)", R"(= "a": 2})", "+stop", "={}"}};
  const std::vector<Json> e = anthropic_events(reply);
  ASSERT_EQ(
      test::types_of({e.begin() + 8, e.end()}),
      "content_block_start content_block_delta content_block_delta content_block_stop "
      "content_block_start content_block_delta content_block_stop message_delta message_stop");
  EXPECT_EQ(e[8]["index"], 2);
  EXPECT_EQ(
      e[8]["content_block"],
      Json({{"type", "tool_use"}, {"id", "call_0"}, {"name", "find"}, {"input", Json::object()}}));
  EXPECT_EQ(e[9]["delta"], Json({{"type", "input_json_delta"}, {"partial_json", R"({"z": 1,)"}}));
  EXPECT_EQ(e[12]["index"], 3);
  EXPECT_EQ(e[15]["delta"]["stop_reason"], "tool_use");
  const OrderedJson whole = anthropic_protocol("m", 10, 7)->whole(reply.choices());
  EXPECT_EQ(whole["stop_reason"], "tool_use");
  ASSERT_EQ(whole["content"].size(), 4u);
  EXPECT_EQ(whole["content"][1]["text"], "I look.");
  // In the order in which the model wrote it.
  EXPECT_EQ(whole["content"][2].dump(),
            R"({"type":"tool_use","id":"call_0","name":"find","input":{"z":1,"a":2}})");
  EXPECT_EQ(whole["content"][3]["input"], OrderedJson::object());
}

TEST(AnthropicProtocol, ACallThatIsNotWholeIsText) {
  const test::MadeUpReply cut{.tokens = {"+find", R"(={"z": )"}, .finish = FinishReason::kLength};
  const Json whole = anthropic_protocol("m", 10, 7)->whole(cut.choices());
  EXPECT_EQ(whole["stop_reason"], "max_tokens");
  EXPECT_EQ(whole["content"], Json::array({{{"type", "text"}, {"text", R"(find{"z": )"}}}));
  const test::MadeUpReply broken{.tokens = {"+find", R"(={"z": )", "never mind"}};
  const std::vector<Json> e = anthropic_events(broken);
  EXPECT_EQ(
      test::types_of(e),
      "message_start content_block_start content_block_delta content_block_stop "
      "content_block_start content_block_delta content_block_stop message_delta message_stop");
  EXPECT_EQ(e[7]["delta"]["stop_reason"], "end_turn");
}

TEST(AnthropicProtocol, HasItsOwnErrors) {
  const auto protocol = anthropic_protocol("m", 10, 7);
  const std::vector<Json> e =
      test::typed_events(protocol->stream_error(unavailable("The server ends.")));
  EXPECT_EQ(e.at(0)["error"],
            Json({{"type", "overloaded_error"}, {"message", "The server ends."}}));
  const auto type = [](const ApiError& error) {
    const HttpResponse response = anthropic_error(error);
    EXPECT_EQ(response.status, error.status);
    const Json json = Json::parse(response.body);
    EXPECT_EQ(json["type"], "error");
    return json["error"]["type"].get<std::string>();
  };
  EXPECT_EQ(type(bad_request("x", "wrong")), "invalid_request_error");
  EXPECT_EQ(type(not_found("none")), "not_found_error");
  EXPECT_EQ(type(too_many("full", 3)), "rate_limit_error");
  EXPECT_EQ(type({500, "server_error", "oh"}), "api_error");
  EXPECT_EQ(type({401, "authentication_error", "key"}), "authentication_error");
  const Json full = Json::parse(anthropic_error(context_exceeded(9, false, 5)).body);
  EXPECT_EQ(full["error"]["n_prompt_tokens"], 9);
  EXPECT_EQ(full["error"]["n_ctx"], 5);
}

}  // namespace
}  // namespace pangu::serve
