// SPDX-License-Identifier: Apache-2.0
// Errors of requests that no protocol has seen yet: each path answers them in its own form.
#include <gtest/gtest.h>

#include "serve/service.h"

namespace pangu::serve {
namespace {

/// Keeps the answer.
class KeptExchange final : public Exchange {
 public:
  explicit KeptExchange(HttpResponse& answer) : answer_(answer) {}
  void respond(HttpResponse response) override { answer_ = std::move(response); }
  void begin(HttpResponse head, std::string_view /*keep_alive*/) override {
    answer_ = std::move(head);
  }
  void write(std::string_view data) override { answer_.body += data; }
  void end() override {}
  std::stop_token gone() const override { return {}; }

 private:
  HttpResponse& answer_;
};

HttpResponse asked(const std::string& method, const std::string& path, const std::string& body) {
  ModelSet none({}, {});
  Service service(none, {});
  HttpResponse answer{.status = 0, .headers = {}, .body = {}};
  HttpRequest request{.method = method,
                      .path = path,
                      .query = {},
                      .headers = {},
                      .body = body,
                      .peer = "127.0.0.1",
                      .id = "1"};
  request.headers.emplace_back("host", "localhost");
  service.handle(std::move(request), std::make_shared<KeptExchange>(answer));
  return answer;
}

TEST(ErrorForms, AnthropicsPathsHaveAnthropics) {
  for (const char* path : {"/v1/messages", "/v1/messages/count_tokens"}) {
    const HttpResponse broken = asked("POST", path, "{");
    EXPECT_EQ(broken.status, 400);
    EXPECT_EQ(Json::parse(broken.body)["type"], "error");
    EXPECT_EQ(Json::parse(broken.body)["error"]["type"], "invalid_request_error");
    const HttpResponse no_model = asked("POST", path, R"({"model": "x"})");
    EXPECT_EQ(no_model.status, 404);
    EXPECT_EQ(Json::parse(no_model.body)["error"]["type"], "not_found_error");
    const HttpResponse method = asked("GET", path, "");
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(Json::parse(method.body)["type"], "error");
  }
}

TEST(ErrorForms, OllamasPathsHaveOllamas) {
  for (const char* path : {"/api/chat", "/api/generate", "/api/show", "/api/embed"}) {
    const HttpResponse no_model = asked("POST", path, R"({"model": "x:latest"})");
    EXPECT_EQ(no_model.status, 404);
    EXPECT_TRUE(Json::parse(no_model.body)["error"].is_string()) << no_model.body;
  }
  const std::pair<const char*, int> nowhere[] = {
      {"/api/pull", 404}, {"/api/", 404}, {"/api/tags", 405}, {"/api/version", 405}};
  for (const auto& [path, status] : nowhere) {
    const HttpResponse answer = asked("POST", path, "{}");
    EXPECT_EQ(answer.status, status) << path;
    EXPECT_TRUE(Json::parse(answer.body)["error"].is_string()) << answer.body;
  }
}

TEST(ErrorForms, OthersHaveOpenAIs) {
  for (const char* path : {"/v1/responses", "/v1/chat/completions", "/nowhere"}) {
    const HttpResponse broken = asked("POST", path, "[]");
    EXPECT_GE(broken.status, 400);
    EXPECT_TRUE(Json::parse(broken.body)["error"]["message"].is_string()) << broken.body;
    EXPECT_FALSE(Json::parse(broken.body).contains("type"));
  }
}

TEST(ErrorForms, ModelsAreListedBeforeAnyIsThere) {
  EXPECT_EQ(Json::parse(asked("GET", "/api/tags", "").body), Json({{"models", Json::array()}}));
  EXPECT_EQ(Json::parse(asked("GET", "/api/ps", "").body), Json({{"models", Json::array()}}));
  EXPECT_TRUE(Json::parse(asked("GET", "/api/version", "").body)["version"].is_string());
}

}  // namespace
}  // namespace pangu::serve
