// SPDX-License-Identifier: Apache-2.0
#include "serve/trace.h"

#include <gmock/gmock.h>

#include "io/json.h"

namespace pangu::serve {
namespace {

constexpr std::string_view kTraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr std::string_view kCaller = "00f067aa0ba902b7";

TEST(Trace, ReadsWhatTheStandardAllowsAndBeginsAnewOtherwise) {
  const std::string parent = fmt::format("00-{}-{}-01", kTraceId, kCaller);
  EXPECT_EQ(read_trace_parent(parent).trace_id, kTraceId);
  EXPECT_EQ(read_trace_parent(parent).span_id, kCaller);
  EXPECT_EQ(read_trace_parent("cc" + parent.substr(2) + "-more").span_id, kCaller);
  for (const std::string& wrong :
       {std::string(), std::string("x"), parent.substr(1), parent + "-more", parent + "x",
        "ff" + parent.substr(2), fmt::format("00-{:032}-{}-01", 0, kCaller),
        fmt::format("00-{}-{:016}-01", kTraceId, 0), fmt::format("00-{}-{}-01", kCaller, kTraceId),
        fmt::format("00-{}-{}-01", "4BF92F3577B34DA6A3CE929D0E0E4736", kCaller)}) {
    const TraceParent got = read_trace_parent(wrong);
    EXPECT_EQ(got.span_id, "") << wrong;
    EXPECT_EQ(got.trace_id.size(), 32u) << wrong;
    EXPECT_NE(got.trace_id, read_trace_parent(wrong).trace_id) << wrong;
  }
}

TEST(Trace, TellsWhenARequestDidWhat) {
  HttpRequest request;
  request.method = "POST";
  request.path = "/v1/completions";
  request.id = "req_1";
  request.headers = {{"traceparent", fmt::format("00-{}-{}-01", kTraceId, kCaller)}};
  RequestTrace trace(request);
  Choice choice;
  choice.first_token_s = 1.5;
  choice.seconds = 4;
  choice.generation.emplace();
  choice.generation->prefill_s = 0.5;
  choice.generation->prompt_tokens = 30;
  choice.generation->cached_tokens = 20;
  choice.generation->ids = {1, 2, 3};
  trace.add_replies("m", {choice, Choice{}});
  const Json json =
      Json::parse(trace.line({.status = 200, .first_byte_s = 1.5, .seconds = 4.25, .bytes = 9}));
  const Json& spans = json["resourceSpans"][0]["scopeSpans"][0]["spans"];
  ASSERT_EQ(spans.size(), 5u);
  const auto seconds = [&](const Json& span, const char* key) {
    const auto begin = std::stoll(spans[0]["startTimeUnixNano"].get<std::string>());
    return static_cast<double>(std::stoll(span[key].get<std::string>()) - begin) / 1e9;
  };
  const std::vector<std::tuple<std::string, double, double>> want = {
      {"POST /v1/completions", 0, 4.25},
      {"chat m", 0, 4},
      {"queue", 0, 1},
      {"prefill", 1, 1.5},
      {"decode", 1.5, 4}};
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(spans[i]["name"], std::get<0>(want[i]));
    EXPECT_EQ(spans[i]["traceId"], kTraceId);
    EXPECT_NEAR(seconds(spans[i], "startTimeUnixNano"), std::get<1>(want[i]), 1e-6);
    EXPECT_NEAR(seconds(spans[i], "endTimeUnixNano"), std::get<2>(want[i]), 1e-6);
  }
  EXPECT_EQ(spans[0]["parentSpanId"], kCaller);
  EXPECT_EQ(spans[1]["parentSpanId"], spans[0]["spanId"]);
  EXPECT_EQ(spans[4]["parentSpanId"], spans[1]["spanId"]);
  EXPECT_THAT(json.dump(),
              testing::HasSubstr(
                  R"({"key":"gen_ai.usage.cached_input_tokens","value":{"intValue":"20"}})"));
}

}  // namespace
}  // namespace pangu::serve
