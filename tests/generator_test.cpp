// SPDX-License-Identifier: Apache-2.0
// The generation loop on a real small model: streaming, stops, limits, seeds, reuse, cancellation.
#include <limits>
#include <stop_token>

#include "io/json.h"
#include "pangu/pangu.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

class Generate : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    engine_.emplace(Engine::load(test::shared_dir() / "models/stories260K",
                                 {.threads = 2, .dtype = DType::kF32}));
  }
  Engine& engine() { return *engine_; }

  static constexpr std::string_view kPrompt = "Once upon a time";
  std::optional<Engine> engine_;
};

TEST_F(Generate, GreedyTextIsTheGoldenOne) {
  for (const auto& c : read_json(test::shared_dir() / "golden/stories260K_greedy.json")) {
    std::string streamed;
    std::vector<TokenId> ids;
    const Generation g = engine().generate(c["prompt"].get<std::string>(), {.max_tokens = 48},
                                           [&](const GeneratedToken& t) {
                                             streamed += t.text;
                                             if (t.id >= 0) ids.push_back(t.id);
                                           });
    EXPECT_EQ(g.ids, c["greedy_ids"].get<std::vector<TokenId>>());
    EXPECT_EQ(c["prompt"].get<std::string>() + g.text, c["greedy_text"].get<std::string>());
    EXPECT_EQ(streamed, g.text);
    EXPECT_EQ(ids, g.ids);
    EXPECT_EQ(g.finish_reason, FinishReason::kLength);
  }
}

TEST_F(Generate, ReusedPrefixesChangeNothing) {
  const GenerateOptions options{.max_tokens = 30};
  const Generation first = engine().generate(kPrompt, options);
  EXPECT_EQ(first.cached_tokens, 0);
  const Generation again = engine().generate(kPrompt, options);
  EXPECT_EQ(again.cached_tokens, again.prompt_tokens - 1);
  EXPECT_EQ(again.ids, first.ids);
  engine().generate("A dog", options);
  EXPECT_EQ(engine().generate(kPrompt, options).ids, first.ids);
  // A prompt that goes on where the last reply ended.
  auto longer = engine().tokenizer()->encode(kPrompt);
  longer.insert(longer.end(), first.ids.begin(), first.ids.begin() + 10);
  const Generation next = engine().generate(longer, {.max_tokens = 20});
  EXPECT_EQ(next.ids, std::vector<TokenId>(first.ids.begin() + 10, first.ids.end()));
}

TEST_F(Generate, StopStringsEndTheReplyAndAreNotPartOfIt) {
  const Generation free = engine().generate(kPrompt, {.max_tokens = 48});
  const Generation cut =
      engine().generate(kPrompt, {.max_tokens = 48, .stop = {"never", "Lily. She"}});
  EXPECT_EQ(cut.finish_reason, FinishReason::kStop);
  EXPECT_EQ(cut.text, free.text.substr(0, free.text.find("Lily. She")));
  EXPECT_LT(cut.ids.size(), free.ids.size());
}

TEST_F(Generate, StopTokensEndTheReply) {
  const Generation free = engine().generate(kPrompt, {.max_tokens = 10});
  const Generation cut =
      engine().generate(kPrompt, {.max_tokens = 10, .stop_tokens = {free.ids[4]}});
  EXPECT_EQ(cut.finish_reason, FinishReason::kStop);
  EXPECT_EQ(cut.ids.size(), 5u);
}

TEST_F(Generate, SeedsDecideSampledReplies) {
  const auto sample = [&](std::uint64_t seed) {
    return engine()
        .generate(kPrompt, {.sampling = {.temperature = 1.0f, .top_p = 0.95f, .seed = seed},
                            .max_tokens = 40})
        .ids;
  };
  const auto one = sample(1);
  EXPECT_EQ(sample(1), one);
  EXPECT_NE(sample(2), one);
}

TEST_F(Generate, LogprobsAreThoseOfTheChosenTokens) {
  int n = 0;
  engine().generate(kPrompt, {.max_tokens = 5, .top_logprobs = 3}, [&](const GeneratedToken& t) {
    if (t.id < 0) return;
    ++n;
    ASSERT_TRUE(t.logprob.has_value());
    ASSERT_EQ(t.top.size(), 3u);
    EXPECT_EQ(t.top[0].id, t.id);  // greedy
    EXPECT_EQ(t.top[0].logprob, *t.logprob);
    EXPECT_GE(t.top[0].logprob, t.top[1].logprob);
    EXPECT_LE(t.top[0].logprob, 0.0f);
  });
  EXPECT_EQ(n, 5);
}

TEST_F(Generate, FillsTheContextAndNoMore) {
  Engine small =
      Engine::load(test::shared_dir() / "models/stories260K", {.threads = 1, .context = 20});
  const Generation g = small.generate(kPrompt, {.ignore_eos = true});
  EXPECT_EQ(g.finish_reason, FinishReason::kLength);
  EXPECT_EQ(g.prompt_tokens + int64_t(g.ids.size()), 20);
  const std::vector<TokenId> full(20, 5);
  PANGU_EXPECT_ERROR(small.generate(full), InputError, "20 tokens", "holds 20", "--ctx");
}

TEST_F(Generate, ContextsThatNoNumberHoldsAreRefused) {
  for (const std::int64_t context :
       {std::int64_t{-1}, (std::int64_t{1} << 31) + 1, std::numeric_limits<std::int64_t>::max()}) {
    PANGU_EXPECT_ERROR(
        Engine::load(test::shared_dir() / "models/stories260K", {.threads = 1, .context = context}),
        ConfigError, std::to_string(context), std::string("--ctx"));
  }
}

TEST_F(Generate, ZeroTokensAreLegal) {
  const Generation g = engine().generate(kPrompt, {.max_tokens = 0});
  EXPECT_TRUE(g.ids.empty());
  EXPECT_EQ(g.finish_reason, FinishReason::kLength);
}

TEST_F(Generate, CancellationKeepsWhatThereIs) {
  std::stop_source stop;
  const Generation g = engine().generate(kPrompt, {.max_tokens = 100, .cancel = stop.get_token()},
                                         [&, n = 0](const GeneratedToken&) mutable {
                                           if (++n == 7) stop.request_stop();
                                         });
  EXPECT_EQ(g.finish_reason, FinishReason::kCancelled);
  EXPECT_EQ(g.ids.size(), 7u);
  // And the engine goes on as if nothing had been.
  const Generation after = engine().generate(kPrompt, {.max_tokens = 7});
  EXPECT_EQ(after.ids, g.ids);
  const Generation at_once = engine().generate("Another one", {.cancel = stop.get_token()});
  EXPECT_EQ(at_once.finish_reason, FinishReason::kCancelled);
  EXPECT_TRUE(at_once.ids.empty());
}

TEST_F(Generate, AnExceptionFromTheCallbackPassesThrough) {
  struct Mine {};
  EXPECT_THROW(
      engine().generate(kPrompt, {.max_tokens = 5}, [](const GeneratedToken&) { throw Mine(); }),
      Mine);
  EXPECT_EQ(engine().generate(kPrompt, {.max_tokens = 3}).ids.size(), 3u);
}

TEST_F(Generate, BadInputIsRefusedWithItsReason) {
  PANGU_EXPECT_ERROR(engine().generate(std::vector<TokenId>{}), InputError, "empty");
  PANGU_EXPECT_ERROR(engine().generate(std::vector<TokenId>{1, 512}), InputError, "id 512",
                     "0 to 511");
  PANGU_EXPECT_ERROR(engine().generate("bad \xFF text"), InputError, "UTF-8", "offset 4");
  PANGU_EXPECT_ERROR(engine().generate(kPrompt, {.sampling = {.top_p = 2.0f}}), ConfigError,
                     "top_p");
  PANGU_EXPECT_ERROR(engine().generate(kPrompt, {.stop = {""}}), ConfigError, "stop");
  PANGU_EXPECT_ERROR(engine().chat_prompt(std::vector<Message>{{"user", "hi"}}), ConfigError,
                     "no chat template");
}

TEST(EngineLoad, ModelsAreKnownByName) {
  PANGU_NEEDS_SHARED_DATA();
  ::setenv("PANGU_MODELS", (test::shared_dir() / "models").c_str(), 1);
  EXPECT_EQ(Engine::load("stories260K", {.context = 16}).context(), 16);
  ::unsetenv("PANGU_MODELS");
}

TEST(EngineLoad, OptionsAreCheckedBeforeAnythingIsRead) {
  PANGU_EXPECT_ERROR(Engine::load("/no/such/folder", {.isa = "mmx"}), ConfigError, "mmx");
  PANGU_EXPECT_ERROR(Engine::load("/no/such/folder", {.device = "abacus"}), Unsupported, "abacus");
  PANGU_EXPECT_ERROR(Engine::load("/no/such/folder", {.format = "q9"}), ConfigError, "q9", "bf16");
  PANGU_EXPECT_ERROR(Engine::load("/no/such/folder"), FileError, "/no/such/folder");
}

TEST(EngineLoad, AMissingChatTemplateIsNoticedBeforeTheWeights) {
  PANGU_NEEDS_SHARED_DATA();
  bool read = false;
  PANGU_EXPECT_ERROR(Engine::load(test::shared_dir() / "models/stories260K",
                                  {.need_chat_template = true,
                                   .progress = [&](std::string_view, std::int64_t,
                                                   std::int64_t) { read = true; }}),
                     ConfigError, "no chat template");
  EXPECT_FALSE(read);
}

TEST(EngineLoad, AVocabularySmallerThanTheTokenizerIsRefused) {
  PANGU_NEEDS_SHARED_DATA();
  const test::ScratchDir scratch;
  const auto from = test::shared_dir() / "models/stories260K";
  for (const auto& entry : std::filesystem::directory_iterator(from)) {
    test::write_file(scratch / entry.path().filename().string(), test::read_file(entry.path()));
  }
  std::string config = test::read_file(from / "config.json");
  config.replace(config.find("\"vocab_size\": 512"), 17, "\"vocab_size\": 500");
  test::write_file(scratch / "config.json", config);
  PANGU_EXPECT_ERROR(Engine::load(scratch.path()), ConfigError, "512 tokens",
                     "(vocab_size) has 500");
}

}  // namespace
}  // namespace pangu
