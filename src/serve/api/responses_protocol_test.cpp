// SPDX-License-Identifier: Apache-2.0
#include "serve/api/responses_protocol.h"

#include <gtest/gtest.h>

#include "serve/testing/protocol_feed.h"

namespace pangu::serve {
namespace {

std::unique_ptr<Protocol> responses_for(const char* summary = nullptr) {
  Json head = {{"object", "response"},
               {"model", "m"},
               {"reasoning", {{"summary", nullptr}}},
               {"incomplete_details", nullptr}};
  if (summary != nullptr) head["reasoning"]["summary"] = summary;
  return responses_protocol(std::move(head), 7);
}

std::vector<Json> responses_events(const test::MadeUpReply& reply, const char* summary = nullptr) {
  std::vector<Json> out = test::typed_events(test::streamed(*responses_for(summary), reply));
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i]["sequence_number"], i);
  return out;
}

TEST(ResponsesProtocol, StreamsTheWholeSequenceOfEvents) {
  const std::vector<Json> e = responses_events({.tokens = {"Hel", "lo"}});
  ASSERT_EQ(test::types_of(e),
            "response.created response.in_progress response.output_item.added "
            "response.content_part.added response.output_text.delta response.output_text.delta "
            "response.output_text.done response.content_part.done response.output_item.done "
            "response.completed");
  EXPECT_TRUE(e[0]["response"]["id"].get<std::string>().starts_with("resp_"));
  EXPECT_EQ(e[0]["response"]["status"], "in_progress");
  EXPECT_EQ(e[1]["response"], e[0]["response"]);
  const Json id = e[2]["item"]["id"];
  EXPECT_TRUE(id.get<std::string>().starts_with("msg_"));
  EXPECT_EQ(e[2]["item"], Json({{"id", id},
                                {"type", "message"},
                                {"role", "assistant"},
                                {"status", "in_progress"},
                                {"content", Json::array()}}));
  for (std::size_t i = 3; i < 8; ++i) {
    EXPECT_EQ(e[i]["item_id"], id);
    EXPECT_EQ(e[i]["output_index"], 0);
    EXPECT_EQ(e[i]["content_index"], 0);
  }
  EXPECT_EQ(e[3]["part"]["text"], "");
  EXPECT_EQ(e[5]["delta"], "lo");
  EXPECT_EQ(e[6]["text"], "Hello");
  EXPECT_EQ(e[7]["part"], Json({{"type", "output_text"},
                                {"text", "Hello"},
                                {"annotations", Json::array()},
                                {"logprobs", Json::array()}}));
  EXPECT_EQ(e[8]["item"]["status"], "completed");
  const Json& response = e[9]["response"];
  EXPECT_EQ(response["id"], e[0]["response"]["id"]);
  EXPECT_EQ(response["status"], "completed");
  EXPECT_EQ(response["output"], Json::array({e[8]["item"]}));
  EXPECT_EQ(response["usage"]["input_tokens"], 10);
  EXPECT_EQ(response["usage"]["input_tokens_details"]["cached_tokens"], 4);
  EXPECT_EQ(response["usage"]["output_tokens"], 2);
  EXPECT_EQ(response["timings"]["seed"], 7);
}

TEST(ResponsesProtocol, ThoughtsAreAnItemOfTheirOwn) {
  const std::vector<Json> e = responses_events({.tokens = {"~a", "~b", "c"}});
  ASSERT_EQ(test::types_of(e),
            "response.created response.in_progress response.output_item.added "
            "response.content_part.added response.reasoning_text.delta "
            "response.reasoning_text.delta response.reasoning_text.done "
            "response.content_part.done response.output_item.done response.output_item.added "
            "response.content_part.added response.output_text.delta response.output_text.done "
            "response.content_part.done response.output_item.done response.completed");
  const Json& item = e[8]["item"];
  EXPECT_EQ(item["type"], "reasoning");
  EXPECT_EQ(item["summary"], Json::array());
  EXPECT_EQ(item["content"], Json::array({{{"type", "reasoning_text"}, {"text", "ab"}}}));
  EXPECT_EQ(e[9]["output_index"], 1);
  EXPECT_EQ(e[15]["response"]["output"].size(), 2u);
  EXPECT_EQ(e[15]["response"]["usage"]["output_tokens_details"]["reasoning_tokens"], 2);
}

TEST(ResponsesProtocol, WhoAsksForASummaryGetsThoughtsAsOne) {
  const std::vector<Json> e = responses_events({.tokens = {"~a", "c"}}, "auto");
  EXPECT_EQ(e[3]["type"], "response.reasoning_summary_part.added");
  EXPECT_EQ(e[3]["summary_index"], 0);
  EXPECT_EQ(e[4]["type"], "response.reasoning_summary_text.delta");
  EXPECT_EQ(e[5]["type"], "response.reasoning_summary_text.done");
  EXPECT_EQ(e[6]["type"], "response.reasoning_summary_part.done");
  EXPECT_EQ(e[7]["item"]["summary"], Json::array({{{"type", "summary_text"}, {"text", "a"}}}));
  EXPECT_FALSE(e[7]["item"].contains("content"));
}

TEST(ResponsesProtocol, CallsAreItems) {
  const test::MadeUpReply reply{
      .tokens = {"I look.", "+find", R"(={"z": 1,)", R"(= "a": 2})", "+stop", "={}"}};
  const std::vector<Json> e = responses_events(reply);
  ASSERT_EQ(test::types_of({e.begin() + 8, e.end()}),
            "response.output_item.added response.function_call_arguments.delta "
            "response.function_call_arguments.delta response.function_call_arguments.done "
            "response.output_item.done response.output_item.added "
            "response.function_call_arguments.delta response.function_call_arguments.done "
            "response.output_item.done response.completed");
  const Json id = e[8]["item"]["id"];
  EXPECT_TRUE(id.get<std::string>().starts_with("fc_"));
  EXPECT_EQ(e[8]["item"], Json({{"id", id},
                                {"type", "function_call"},
                                {"status", "in_progress"},
                                {"call_id", "call_0"},
                                {"name", "find"},
                                {"arguments", ""}}));
  EXPECT_EQ(e[9]["item_id"], id);
  EXPECT_EQ(e[9]["output_index"], 1);
  EXPECT_EQ(e[9]["delta"], R"({"z": 1,)");
  EXPECT_EQ(e[11]["arguments"], R"({"z": 1, "a": 2})");
  EXPECT_EQ(e[12]["item"]["status"], "completed");
  EXPECT_EQ(e[12]["item"]["arguments"], R"({"z": 1, "a": 2})");
  EXPECT_EQ(e.back()["response"]["output"].size(), 3u);
  Json whole = responses_for()->whole(reply.choices())["output"];
  Json streamed = e.back()["response"]["output"];
  for (Json* one : {&streamed, &whole}) {
    for (Json& item : *one) item.erase("id");
  }
  EXPECT_EQ(whole, streamed);
}

TEST(ResponsesProtocol, ACallThatIsNotWholeIsIncomplete) {
  const std::vector<Json> e =
      responses_events({.tokens = {"+find", R"(={"z": )"}, .finish = FinishReason::kLength});
  EXPECT_EQ(e.back()["response"]["output"][0]["status"], "incomplete");
  const std::vector<Json> broken = responses_events({.tokens = {"+find", R"(={"z": )", "no"}});
  EXPECT_EQ(broken.back()["response"]["output"][0]["status"], "incomplete");
  EXPECT_EQ(broken.back()["response"]["output"][1]["content"][0]["text"], "no");
}

TEST(ResponsesProtocol, AReplyThatIsCutIsIncomplete) {
  const test::MadeUpReply cut{.tokens = {"a"}, .finish = FinishReason::kLength};
  const std::vector<Json> e = responses_events(cut);
  EXPECT_EQ(e.back()["type"], "response.incomplete");
  const Json& response = e.back()["response"];
  EXPECT_EQ(response["status"], "incomplete");
  EXPECT_EQ(response["incomplete_details"]["reason"], "max_output_tokens");
  EXPECT_EQ(response["output"][0]["status"], "incomplete");
}

TEST(ResponsesProtocol, AnEmptyReplyIsAnEmptyMessage) {
  const std::vector<Json> e = responses_events({});
  EXPECT_EQ(test::types_of(e),
            "response.created response.in_progress response.output_item.added "
            "response.content_part.added response.output_text.done response.content_part.done "
            "response.output_item.done response.completed");
  EXPECT_EQ(e.back()["response"]["output"][0]["content"][0]["text"], "");
}

TEST(ResponsesProtocol, AWholeResponseIsWhatTheStreamEndsWith) {
  const test::MadeUpReply reply{.tokens = {"~a", "b", "c"}};
  Json streamed = responses_events(reply).back()["response"];
  Json whole = responses_for()->whole(reply.choices());
  for (Json* one : {&streamed, &whole}) {
    one->erase("id");
    for (Json& item : (*one)["output"]) item.erase("id");
  }
  EXPECT_EQ(whole, streamed);
}

TEST(ResponsesProtocol, AnErrorEndsTheStream) {
  const auto protocol = responses_for();
  std::string stream = protocol->stream_begin();
  stream += protocol->stream_token(0, {.id = 1, .text = "a", .logprob = {}, .top = {}});
  stream += protocol->stream_error(unavailable("The server ends."));
  const std::vector<Json> e = test::typed_events(stream);
  ASSERT_EQ(e.size(), 7u);
  EXPECT_EQ(e[5]["type"], "error");
  EXPECT_EQ(e[5]["message"], "The server ends.");
  EXPECT_EQ(e[6]["type"], "response.failed");
  EXPECT_EQ(e[6]["response"]["status"], "failed");
  EXPECT_EQ(e[6]["response"]["error"]["code"], "server_error");
  EXPECT_EQ(e[6]["sequence_number"], 6);
}

}  // namespace
}  // namespace pangu::serve
