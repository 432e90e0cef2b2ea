// SPDX-License-Identifier: Apache-2.0
#include "serve/http/http_text.h"

#include <gmock/gmock.h>

namespace pangu::serve {
namespace {

TEST(HttpText, TargetsAreDecoded) {
  const auto target = parse_target("/v1/%E4%BD%A0?a=1&b=%20x");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/你");
  EXPECT_EQ(target->query, "a=1&b=%20x");
  EXPECT_EQ(query_value(target->query, "b"), " x");
  EXPECT_EQ(query_value("b+c=d+e", "b+c"), "d e");
  EXPECT_EQ(query_value("b", "b"), "");
  EXPECT_EQ(query_value("b=1", "c"), std::nullopt);
  EXPECT_EQ(parse_target("http://host:1/x?y")->path, "/x");
  EXPECT_EQ(parse_target("http://host")->path, "/");
}

TEST(HttpText, TargetsThatAreNoneAreRefused) {
  for (const char* text : {"", "x", "*", "/%", "/%4", "/%4g", "/%00", "/%0a", "/%ff", "/%c0%80"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(HttpText, HeadsOfAnswers) {
  const std::string head =
      response_head({.status = 404, .headers = {{"x-a", "b"}}}, Framing::kLength, 7, false, "id-1");
  EXPECT_THAT(head, testing::StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(head, testing::HasSubstr("\r\nx-request-id: id-1\r\n"));
  EXPECT_THAT(head, testing::HasSubstr("\r\nx-a: b\r\n"));
  EXPECT_THAT(head, testing::HasSubstr("\r\ncontent-length: 7\r\n"));
  EXPECT_THAT(head, testing::EndsWith("\r\nconnection: close\r\n\r\n"));
}

TEST(HttpText, Chunks) {
  EXPECT_EQ(chunk("0123456789abcdef"), "10\r\n0123456789abcdef\r\n");
}

TEST(HttpText, RequestIds) {
  EXPECT_TRUE(is_request_id("a-Z_0.9:x"));
  for (const std::string& text : {std::string(), std::string("a b"), std::string("a\r\nb"),
                                  std::string(129, 'a'), std::string("é")}) {
    EXPECT_FALSE(is_request_id(text)) << text;
  }
}

}  // namespace
}  // namespace pangu::serve
