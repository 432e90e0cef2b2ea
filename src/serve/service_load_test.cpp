// SPDX-License-Identifier: Apache-2.0
// Many who ask at once: who waits, who is refused, who shares, and that nobody gets what is not its
// own.
#include <gmock/gmock.h>

#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "serve/testing/small_service.h"

namespace pangu::serve {
namespace {

using test::HttpClient;
using test::joined;
using testing::HasSubstr;

class ServicesUnderLoad : public test::SmallService {
 protected:
  std::mutex mutex_;
  std::vector<std::string> order_;  ///< ids of requests, as they were answered
};

TEST_F(ServicesUnderLoad, PromptsAreSharedOnlyWithThoseWhoMay) {
  for (const bool isolates : {false, true}) {
    ServiceOptions access;
    access.keys = ApiKeys({{"anna", "key-of-anna", {Scope::kInference}},
                           {"berta", "key-of-berta", {Scope::kInference}}});
    access.isolates_keys = isolates;
    start(small(), std::move(access));
    const auto cached = [&](const std::string& key, const char* salt) {
      Json body = {{"prompt", "Once upon a time there was a girl"}, {"max_tokens", 2}};
      if (salt) body["cache_salt"] = salt;
      const auto answer = post("/v1/completions", body, "Authorization: Bearer " + key + "\r\n");
      EXPECT_EQ(answer.status, 200) << answer.body;
      return answer.json()["usage"]["prompt_tokens_details"]["cached_tokens"].get<int>();
    };
    EXPECT_EQ(cached("key-of-anna", nullptr), 0);
    EXPECT_GT(cached("key-of-anna", nullptr), 0);
    EXPECT_EQ(cached("key-of-anna", "s"), 0);
    EXPECT_GT(cached("key-of-anna", "s"), 0);
    EXPECT_EQ(cached("key-of-berta", nullptr) > 0, !isolates);
    EXPECT_EQ(cached("key-of-berta", "s") > 0, !isolates);
    server_.reset();
  }
}

TEST_F(ServicesUnderLoad, RefusesWhatTheQueueDoesNotHold) {
  ServedModelOptions options = small();
  options.batch.max_replies = 1;
  options.max_waiting = 1;
  start(options);
  // One is written, one waits, no third.
  const auto third = post("/v1/completions", {{"prompt", "x"}, {"n", 3}, {"max_tokens", 1}});
  EXPECT_EQ(third.status, 429) << third.body;
  EXPECT_GE(std::stoi(third.headers.at("retry-after")), 1);
  EXPECT_EQ(post("/v1/completions", {{"prompt", "x"}, {"n", 2}, {"max_tokens", 1}}).status, 200);
}

TEST_F(ServicesUnderLoad, RepliesThatTakeTooLongEndWithAnError) {
  ServiceOptions access;
  access.max_time_s = 3600;
  ServedModelOptions options = small();
  options.engine.context = 4000;  // longer than a millisecond
  options.batch.keep_prefixes = false;
  start(options, std::move(access));
  Json body = {{"prompt", "Once"}, {"max_tokens", 3900}, {"ignore_eos", true}, {"timeout", 0.001}};
  const auto whole = post("/v1/completions", body);
  EXPECT_EQ(whole.status, 504) << whole.body;
  EXPECT_EQ(whole.json()["error"]["code"], "timeout");
  EXPECT_THAT(whole.body, HasSubstr("0.001 s"));
  body["stream"] = true;
  body["timeout"] = 0.1;
  const auto stream = post("/v1/completions", body);
  EXPECT_EQ(stream.status, 200);
  const auto last = stream.body.rfind("data: ");
  EXPECT_EQ(Json::parse(stream.body.substr(last + 6))["error"]["type"], "timeout_error");
  EXPECT_EQ(idle_status().batch.free_positions, idle_status().batch.cache_positions);
  const auto soon =
      post("/v1/completions", {{"prompt", "Once"}, {"max_tokens", 2}, {"timeout", 99}});
  EXPECT_EQ(soon.status, 200);
  EXPECT_FALSE(soon.headers.contains("pangu-ignored"));
  for (const Json& wrong : {Json(0), Json("1"), Json(-1)}) {
    const auto refused = post("/v1/completions", {{"prompt", "x"}, {"timeout", wrong}});
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.json()["error"]["param"], "timeout");
  }
}

TEST_F(ServicesUnderLoad, TheServersTimeBoundsWhatRequestsAskFor) {
  ServiceOptions access;
  access.max_time_s = 0.001;
  ServedModelOptions options = small();
  options.engine.context = 4000;
  start(options, std::move(access));
  const auto answer =
      post("/v1/completions",
           {{"prompt", "Once"}, {"max_tokens", 3900}, {"ignore_eos", true}, {"timeout", 100}});
  EXPECT_EQ(answer.status, 504);
  EXPECT_THAT(answer.body, HasSubstr("--max-time"));
}

TEST_F(ServicesUnderLoad, LowerPrioritiesAreAnsweredFirst) {
  ServedModelOptions options = small();
  options.batch.max_replies = 1;
  options.engine.context = 1000;
  // In the order in which the server answers, not in that in which threads here wake up.
  ServiceOptions access;
  access.access_log = [this](const std::string& line) {
    const std::lock_guard lock(mutex_);
    order_.push_back(Json::parse(line)["id"]);
  };
  start(options, std::move(access));
  const auto asked = [&](int priority, std::int64_t tokens) {
    return std::thread([this, priority, tokens] {
      EXPECT_EQ(post("/v1/completions",
                     {{"prompt", "Once"},
                      {"max_tokens", tokens},
                      {"ignore_eos", true},
                      {"priority", priority}},
                     fmt::format("X-Request-Id: {}\r\n", priority))
                    .status,
                200);
    });
  };
  const auto waiting = [&] { return server_->models().entries()[0].status.waiting; };
  std::vector<std::thread> threads;
  threads.push_back(asked(0, 900));
  for (int i = 0; i < 2000 && server_->models().entries()[0].status.running == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (const int priority : {5, 1, -3}) {
    const std::size_t before = waiting();
    threads.push_back(asked(priority, 2));
    for (int i = 0; i < 2000 && waiting() == before; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  const bool all_waited = waiting() == 3;
  for (std::thread& thread : threads) thread.join();
  if (all_waited) {
    EXPECT_THAT(order_, testing::ElementsAre("0", "-3", "1", "5"));
  }
  EXPECT_EQ(post("/v1/completions", {{"prompt", "x"}, {"priority", 0.5}}).status, 400);
}

/// One request of a mix, and what the engine alone answers.
struct Expected {
  Json body;
  std::string text;
};

std::vector<Expected> mixed_requests(Engine& engine) {
  const char* prompts[] = {"Once upon a time",
                           "Once upon a time, there was a dog",
                           "Lily",
                           "The boy was sad because",
                           "Tom and Sue",
                           "One day"};
  std::vector<Expected> out;
  for (std::size_t i = 0; i < 12; ++i) {
    GenerateOptions options{.max_tokens = 10 + static_cast<std::int64_t>(i) * 3};
    if (i % 2 == 1) options.sampling = {.temperature = 1.0f, .seed = i};
    if (i % 3 == 0) options.stop = {"the"};
    const char* prompt = prompts[i % std::size(prompts)];
    Json body = {{"prompt", prompt},
                 {"max_tokens", options.max_tokens},
                 {"temperature", options.sampling.temperature},
                 {"seed", i}};
    if (i % 3 == 0) body["stop"] = "the";
    if (i % 4 == 0) body["stream"] = true;
    out.push_back({std::move(body), engine.generate(prompt, options).text});
  }
  return out;
}

/// Whoever asks at the same time, whatever is kept or guessed, and whoever goes away: each gets
/// what it would get alone, and nothing is left behind.
TEST_F(ServicesUnderLoad, RepliesDoNotDependOnTheLoad) {
  Engine engine =
      Engine::load(test::shared_dir() / "models/stories260K", {.threads = 2, .context = kContext});
  const std::vector<Expected> mix = mixed_requests(engine);
  const std::int64_t each = test::number_from("PANGU_SERVE_REQUESTS", test::kSanitized ? 24 : 120);
  for (const bool keeps : {false, true}) {
    for (const auto mode : {SpeculationMode::kOff, SpeculationMode::kAuto}) {
      ServedModelOptions options = small();
      options.batch.keep_prefixes = keeps;
      options.batch.cache_positions = 2 * kContext;  // less than four replies may need
      options.engine.speculation.mode = mode;
      start(options);
      for (const int clients : {1, 8, 64}) {
        std::vector<std::thread> threads;
        for (int c = 0; c < clients; ++c) {
          threads.emplace_back([&, c] {
            std::mt19937 random(static_cast<unsigned>(test::seed()) + static_cast<unsigned>(c));
            for (std::int64_t i = c; i < each; i += clients) {
              const Expected& one = mix[random() % mix.size()];
              if (random() % 5 == 0) {
                HttpClient rude(server_->port());
                rude.request("POST", "/v1/completions", one.body.dump());
                std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
                continue;
              }
              const auto answer = post("/v1/completions", one.body);
              ASSERT_EQ(answer.status, 200) << answer.body;
              const std::string text = one.body.contains("stream")
                                           ? joined(answer.body).text
                                           : answer.json()["choices"][0]["text"].get<std::string>();
              ASSERT_EQ(text, one.text) << one.body;
            }
          });
        }
        for (std::thread& thread : threads) thread.join();
        const ModelStatus status = idle_status();
        EXPECT_EQ(status.batch.free_positions + status.batch.kept_positions,
                  status.batch.cache_positions);
      }
      server_.reset();
    }
  }
}

}  // namespace
}  // namespace pangu::serve
