// SPDX-License-Identifier: Apache-2.0
// What has been used against servers of this kind, by the flaw that it went through elsewhere: a
// refusal, at once, and the next one is served.
#include <gmock/gmock.h>

#include <limits>
#include <optional>

#include "serve/testing/served_port.h"
#include "tests/support/support.h"

namespace pangu::serve {
namespace {

using testing::HasSubstr;

class Attacks : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    ServedModelOptions each;
    each.engine.threads = 1;
    each.engine.context = 128;
    server_.emplace(
        std::vector<ModelSource>{{"stories", test::shared_dir() / "models/stories260K"}},
        ModelSetOptions{.each = each});
  }

  void TearDown() override {
    if (!server_) return;
    EXPECT_EQ(server_->post("/v1/completions", {{"prompt", "Once"}, {"max_tokens", 1}}).status,
              200);
  }

  /// Sends a body as it is.
  test::ClientResponse raw(std::string_view path, std::string_view body) const {
    return test::ask(server_->port(), "POST", path, body);
  }

  static Json with(const char* key, Json value) {
    Json body = {{"prompt", "Once"}, {"max_tokens", 2}};
    body[key] = std::move(value);
    return body;
  }

  std::optional<test::ServedPort> server_;
};

// Negative counts and sizes that overflow (CVE-2026-21869, CVE-2026-34756).
TEST_F(Attacks, NumbersAreHeldToTheirRanges) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  for (const char* key : {"max_tokens", "n", "top_k", "logprobs", "min_tokens_never"}) {
    for (const std::int64_t value : {std::int64_t{-2}, kLeast}) {
      const auto answer = server_->post("/v1/completions", with(key, value));
      const bool is_known = std::string_view(key) != "min_tokens_never";
      EXPECT_EQ(answer.status, is_known ? 400 : 200) << key << " " << value << answer.body;
    }
  }
  EXPECT_EQ(server_->post("/v1/completions", with("n", 100'000'000)).status, 400);
  EXPECT_EQ(server_->post("/v1/completions", with("seed", 1e300)).status, 400);
  EXPECT_EQ(raw("/v1/completions", R"({"prompt":"x","max_tokens":1e999})").status, 400);
  EXPECT_EQ(raw("/v1/completions", R"({"prompt":[-1,4],"max_tokens":1})").status, 400);
  EXPECT_EQ(raw("/v1/completions", R"({"prompt":[99999999],"max_tokens":1})").status, 400);
  EXPECT_EQ(raw("/detokenize", R"({"tokens":[-1]})").status, 400);
}

// Lists without an end: prompts, stop texts, choices (CVE-2026-34756).
TEST_F(Attacks, ListsAreBounded) {
  EXPECT_EQ(
      server_->post("/v1/completions", with("stop", Json(std::vector<std::string>(5000, "x"))))
          .status,
      400);
  EXPECT_EQ(server_->post("/v1/completions", with("stop", std::string(100'000, 'x'))).status, 400);
  EXPECT_EQ(
      server_->post("/v1/completions", with("prompt", Json(std::vector<std::string>(5000, "x"))))
          .status,
      400);
  EXPECT_EQ(
      server_->post("/v1/embeddings", {{"input", std::vector<std::string>(5000, "x")}}).status,
      400);
}

// Templates, parsers and triggers of a client's own (CVE-2024-34359, CVE-2026-115911,
// CVE-2026-107183, CVE-2026-134540): never acted on, and never passed over without a word.
TEST_F(Attacks, ClientsBringNoCode) {
  const Json messages = Json::array({{{"role", "user"}, {"content", "Hi"}}});
  for (const char* key : {"chat_template", "chat_parser", "grammar_triggers"}) {
    Json body = with(key, "{% for x in range(999999999) %}{% endfor %}");
    const auto answer = server_->post("/v1/completions", body);
    const auto ignored = answer.headers.find("pangu-ignored");
    EXPECT_TRUE(answer.status == 400 ||
                (ignored != answer.headers.end() && ignored->second.find(key) != std::string::npos))
        << key << ": " << answer.status << answer.body;
  }
  EXPECT_EQ(
      server_
          ->post(
              "/api/generate",
              {{"model", "stories"}, {"prompt", "x"}, {"raw", true}, {"template", "{{ .System }}"}})
          .status,
      400);
}

// Expressions that take exponential time to match elsewhere (CVE-2026-55574), and grammars that
// take the memory of the machine.
TEST_F(Attacks, GrammarsTakeNoLongerThanTheirSize) {
  const auto hard = server_->post("/v1/completions", with("guided_regex", "(a+)+(a+)+(a+)+b"));
  EXPECT_EQ(hard.status, 200) << hard.body;
  const auto huge =
      server_->post("/v1/completions", with("guided_regex", "((a{1,1000}){1,1000}){1,1000}"));
  EXPECT_EQ(huge.status, 200) << huge.body;  // counted, not written out
  const auto huger = server_->post("/v1/completions", with("guided_regex", "a{99999999999}"));
  EXPECT_EQ(huger.status, 400) << huger.body;
  std::string nested;
  for (int i = 0; i < 10'000; ++i) nested += R"({"type":"array","items":)";
  EXPECT_EQ(raw("/v1/completions", R"({"prompt":"x","guided_json":)" + nested).status, 400);
  EXPECT_EQ(server_->post("/v1/completions", with("guided_grammar", "root ::= root root")).status,
            400);
}

// Addresses that a server is made to fetch (CVE-2026-24779, CVE-2026-25960, CVE-2026-108836).
TEST_F(Attacks, NothingIsFetched) {
  const Json image = {{"type", "image_url"},
                      {"image_url", {{"url", "http://169.254.169.254/latest/meta-data"}}}};
  const Json body = {
      {"messages", Json::array({{{"role", "user"}, {"content", Json::array({image})}}})}};
  EXPECT_EQ(server_->post("/v1/chat/completions", body).status, 400);
  for (const char* path : {"/api/pull", "/api/push", "/api/create", "/api/copy", "/api/delete"}) {
    EXPECT_EQ(server_->post(path, {{"model", "evil.example/x"}}).status, 404) << path;
  }
}

// Caches in files of a client's choice (CVE-2026-43629), and paths out of the page's folder.
TEST_F(Attacks, NoPathLeadsToFiles) {
  EXPECT_EQ(server_->post("/slots/0?action=restore", {{"filename", "../../etc/passwd"}}).status,
            404);
  for (const char* path : {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/js/..%2f..%2fapp",
                           "/v1/models/../../etc/passwd", "//etc/passwd", "/\\..\\etc"}) {
    const auto answer = server_->get(path);
    EXPECT_TRUE(answer.status == 404 || answer.status == 400) << path << answer.status;
    EXPECT_THAT(answer.body, testing::Not(HasSubstr("root:")));
  }
  const auto model = server_->post("/v1/completions", with("model", "../../../etc"));
  EXPECT_EQ(model.status, 404);
}

// Pages of other sites that reach this server under a name of theirs (GHSA-5jx5).
TEST_F(Attacks, PagesOfOthersAreNotServed) {
  EXPECT_EQ(server_->get("/v1/models", "Host: rebound.example\r\n").status, 403);
  EXPECT_EQ(server_->get("/v1/models", "Origin: https://evil.example\r\n").status, 403);
}

}  // namespace
}  // namespace pangu::serve
