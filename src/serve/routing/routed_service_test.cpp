// SPDX-License-Identifier: Apache-2.0
// A bundle behind a port: NAME:auto answers as pangu run BUNDLE --auto does, and says how.
#include <gmock/gmock.h>

#include <optional>

#include "io/locate_model.h"
#include "serve/testing/served_port.h"
#include "tests/support/support.h"

namespace pangu::serve {
namespace {

namespace fs = std::filesystem;
using adaptive::BundleWay;
using testing::HasSubstr;

/// pangu-nano under two names: "small", with a cache of bytes, is the choice for mathematics,
/// "large" the default and all that may translate.
void make_bundle(const fs::path& folder) {
  const fs::path nano = find_bundled_model("pangu-nano");
  fs::create_directories(folder / "weights");
  for (const char* name : {"weights/large", "weights/small", "intent"}) {
    fs::create_directory_symlink(nano, folder / name);
  }
  adaptive::Bundle b{.folder = folder,
                     .model_name = "nano",
                     .model_digest = "d",
                     .machine = "m",
                     .engine = "e",
                     .created = "now",
                     .default_weights = "large"};
  b.weights["large"] = {"weights/large", 2000, 0.5, 2000};
  b.weights["small"] = {"weights/small", 1000, 0.5, 2000};
  b.intent = "intent";
  const BundleWay small{"small", "int8", Thinking::kFast, SpeculationMode::kOff, 1};
  const BundleWay large{"large", "", Thinking::kDefault, SpeculationMode::kOff, 1.0001};
  b.kinds.push_back({"math", {small, large}});
  b.kinds.push_back({"translation", {large}});
  adaptive::write_bundle(b);
}

class RoutedServices : public testing::Test {
 protected:
  void start(std::int64_t max_memory = 0) {
    make_bundle(scratch_.path() / "nano");
    ServedModelOptions each;
    each.engine.threads = 1;
    each.engine.context = 400;
    each.batch = {.max_replies = 2};
    ServiceOptions options;
    options.classifier.threads = 1;
    options.decisions = decisions_;
    server_.emplace(std::vector<ModelSource>{{"nano", scratch_.path() / "nano"}},
                    ModelSetOptions{.each = each, .max_memory = max_memory}, std::move(options));
  }

  test::ClientResponse post(std::string_view path, const Json& body) const {
    return server_->post(path, body);
  }

  /// Says something in the conversation, and adds the answer to it.
  test::ClientResponse say(const std::string& text) {
    messages_.push_back({{"role", "user"}, {"content", text}});
    auto answer = post(
        "/v1/chat/completions",
        {{"model", "nano:auto"}, {"messages", messages_}, {"max_tokens", 4}, {"temperature", 0}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    messages_.push_back(
        {{"role", "assistant"}, {"content", answer.json()["choices"][0]["message"]["content"]}});
    return answer;
  }

  test::ScratchDir scratch_;
  fs::path decisions_;  ///< where they are written down
  std::optional<test::ServedPort> server_;
  Json messages_ = Json::array();
};

constexpr const char* kMath = "What is 17 times 23?";
constexpr const char* kTranslation = "Translate into French: good morning";

TEST_F(RoutedServices, EachMessageGoesWhereItsKindIsAnsweredBest) {
  start();
  const auto math = say(kMath);
  EXPECT_EQ(math.headers.at("x-pangu-route"), "kind=math; weights=small; kv=int8; thinking=fast");
  EXPECT_EQ(math.json()["model"], "nano:small+int8");
  const Json route = math.json()["timings"]["route"];
  EXPECT_EQ(route["kind"], "math");
  EXPECT_EQ(route["weights"], "small");
  EXPECT_EQ(route["switches"], true);
  EXPECT_THAT(route["reason"], HasSubstr("chosen for this kind"));
  const auto translation = say(kTranslation);
  EXPECT_EQ(translation.headers.at("x-pangu-route"),
            "kind=translation; weights=large; thinking=default");
  EXPECT_EQ(translation.json()["model"], "nano");
  // What runs keeps the quality, too, and a change would take longer than it saves.
  const auto more = say(kMath);
  EXPECT_EQ(more.headers.at("x-pangu-route"), "kind=math; weights=large; thinking=default");
  EXPECT_THAT(more.json()["timings"]["route"]["reason"], HasSubstr("the conversation stays"));
  messages_ = Json::array();
  EXPECT_EQ(say(kMath).json()["timings"]["route"]["weights"], "small") << "a new conversation";
}

TEST_F(RoutedServices, ChoicesAreWrittenDownAndCanBeMadeAgain) {
  decisions_ = scratch_.path() / "decisions.jsonl";
  start();
  say(kMath);
  say(kMath);
  const adaptive::Bundle bundle = adaptive::read_bundle(scratch_.path() / "nano");
  EXPECT_EQ(adaptive::replay_routes(decisions_, bundle).same, 2);
  EXPECT_THAT(test::read_file(decisions_), testing::Not(HasSubstr(kMath)));
  // Where the folder is gone, answers are given all the same.
  decisions_ = scratch_.path() / "nowhere/decisions.jsonl";
  server_.reset();
  fs::remove_all(scratch_.path() / "nano");
  start();
  messages_ = Json::array();
  EXPECT_EQ(say(kMath).status, 200);
}

TEST_F(RoutedServices, PlainNamesAreNotRouted) {
  start();
  const Json body = {
      {"model", "nano"}, {"messages", {{{"role", "user"}, {"content", kMath}}}}, {"max_tokens", 4}};
  const auto answer = post("/v1/chat/completions", body);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_FALSE(answer.headers.contains("x-pangu-route"));
  EXPECT_FALSE(answer.json()["timings"].contains("route"));
  const Json models = test::ask(server_->port(), "GET", "/v1/models").json()["data"];
  ASSERT_EQ(models.size(), 3u) << models;
  EXPECT_EQ(models[0]["id"], "nano");
  EXPECT_EQ(models[1]["id"], "nano:small+int8");
  EXPECT_EQ(models[1]["status"], "unloaded");
  EXPECT_EQ(models[2]["id"], "nano:auto");
  EXPECT_EQ(models[2]["routes"], Json({"nano", "nano:small+int8"}));
  EXPECT_EQ(test::ask(server_->port(), "GET", "/v1/models/nano:auto").json(), models[2]);
  EXPECT_EQ(test::ask(server_->port(), "GET", "/health").json()["models_loaded"], 1);
  // A way may be asked for by its name.
  Json way = body;
  way["model"] = "nano:small+int8";
  EXPECT_EQ(post("/v1/chat/completions", way).json()["model"], "nano:small+int8");
}

TEST_F(RoutedServices, OtherProtocolsAreRoutedToo) {
  start();
  const Json messages = {{{"role", "user"}, {"content", kMath}}};
  const std::pair<const char*, Json> requests[] = {
      {"/v1/messages", {{"messages", messages}, {"max_tokens", 2}}},
      {"/v1/responses", {{"input", kMath}, {"max_output_tokens", 2}}},
      {"/api/chat", {{"messages", messages}, {"stream", false}, {"options", {{"num_predict", 2}}}}},
      {"/api/generate", {{"prompt", kMath}, {"stream", false}, {"options", {{"num_predict", 2}}}}},
  };
  for (auto [path, body] : requests) {
    body["model"] = "nano:auto";
    const auto answer = post(path, body);
    ASSERT_EQ(answer.status, 200) << path << answer.body;
    EXPECT_EQ(answer.headers.at("x-pangu-route"),
              "kind=math; weights=small; kv=int8; thinking=fast")
        << path;
  }
  for (const auto& [path, body] :
       {std::pair<const char*, Json>{"/v1/completions", {{"prompt", "x"}}},
        {"/api/generate", {{"prompt", "x"}, {"raw", true}}},
        {"/v1/chat/completions", {{"messages", {{{"role", "system"}, {"content", "x"}}}}}}}) {
    Json routed = body;
    routed["model"] = "nano:auto";
    EXPECT_EQ(post(path, routed).status, 400) << path;
  }
  // What does not answer takes the default weights.
  EXPECT_EQ(post("/tokenize", {{"model", "nano:auto"}, {"content", "x"}}).status, 200);
  EXPECT_EQ(post("/v1/chat/completions", {{"model", "other:auto"}, {"messages", messages}}).status,
            404);
}

TEST_F(RoutedServices, WithoutWhatRecognisesNothingIsRouted) {
  start();
  fs::remove(scratch_.path() / "nano/intent");
  const auto answer =
      post("/v1/chat/completions",
           {{"model", "nano:auto"}, {"messages", {{{"role", "user"}, {"content", kMath}}}}});
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, HasSubstr("Nothing recognises"));
}

}  // namespace
}  // namespace pangu::serve
