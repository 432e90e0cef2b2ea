// SPDX-License-Identifier: Apache-2.0
// Batches through the public headers alone: replies are those of Engine::generate, bit for bit.
#include <algorithm>
#include <map>
#include <stop_token>
#include <utility>

#include "pangu/pangu.h"
#include "tests/support/heard_remarks.h"
#include "tests/support/reply_record.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

class Batches : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    engine_.emplace(
        Engine::load(test::shared_dir() / "models/stories260K", {.threads = 2, .context = 160}));
  }
  Engine& engine() { return *engine_; }

  std::vector<TokenId> prompt(std::string_view text) const { return engine_->text_prompt(text); }

  static GenerateOptions options(std::size_t i) {
    GenerateOptions o{.max_tokens = 20 + static_cast<std::int64_t>(i) * 9, .top_logprobs = 0};
    if (i % 2 == 1) o.sampling = {.temperature = 1.0f, .seed = i};
    return o;
  }

  /// All that is still to come, by the number of the request.
  static std::map<std::int64_t, Generation> finish(BatchEngine& batch) {
    std::map<std::int64_t, Generation> out;
    for (bool more = true; more;) {
      more = batch.step();
      for (auto& [request, generation] : batch.take_finished()) {
        out[request] = std::move(generation);
      }
    }
    return out;
  }

  std::optional<Engine> engine_;
};

TEST_F(Batches, RepliesAreThoseOfTheEngine) {
  const std::string_view texts[] = {"Once upon a time", "Once upon a time, there was a dog", "Lily",
                                    "The boy was sad because", "Tom"};
  std::vector<test::ReplyRecord> want(std::size(texts)), got(std::size(texts));
  for (std::size_t i = 0; i < want.size(); ++i) {
    want[i].finish(engine().generate(texts[i], options(i), want[i].on_token()));
  }
  BatchEngine batch(engine(), {.max_replies = 3});
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(batch.submit(prompt(texts[i]), options(i), got[i].on_token()),
              static_cast<std::int64_t>(i));
  }
  EXPECT_EQ(batch.waiting(), got.size());
  EXPECT_TRUE(batch.step());
  EXPECT_EQ(batch.running(), 3u);
  for (const auto& [request, generation] : finish(batch)) {
    got[static_cast<std::size_t>(request)].finish(generation);
  }
  EXPECT_EQ(got, want);
  EXPECT_EQ(batch.running() + batch.waiting(), 0u);
  EXPECT_GT(batch.stats().reply_tokens, 0);
}

TEST_F(Batches, ThePromptThatGoesOnComputesOnlyWhatIsNew) {
  BatchEngine batch(engine());
  std::vector<TokenId> chat = prompt("Once upon a time there was a girl who had a cat and a dog");
  std::int64_t last = 0;
  for (int turn = 0; turn < 3; ++turn) {
    const GenerateOptions o{.max_tokens = 24, .ignore_eos = true};
    const std::int64_t request = batch.submit(chat, o);
    const Generation reply = finish(batch).at(request);
    EXPECT_EQ(reply.ids, engine().generate(chat, o).ids);
    EXPECT_EQ(reply.cached_tokens, last);
    // All but the last token, which was never run.
    last = std::ssize(chat) + std::ssize(reply.ids) - 1;
    chat.insert(chat.end(), reply.ids.begin(), reply.ids.end());
    chat.push_back(prompt(" The")[1]);
  }
  // A template that leaves out what was thought goes on from where that began.
  std::vector<TokenId> without =
      prompt("Once upon a time there was a girl who had a cat and a dog");
  const std::int64_t common = std::ssize(without);
  for (const TokenId id : prompt(" Tom and Lily")) without.push_back(id);
  const std::int64_t request = batch.submit(without, {.max_tokens = 8});
  const Generation reply = finish(batch).at(request);
  EXPECT_GE(reply.cached_tokens, common);
  EXPECT_EQ(reply.ids, engine().generate(without, {.max_tokens = 8}).ids);
  BatchEngine forgetful(engine(), {.keep_prefixes = false});
  forgetful.submit(chat, {.max_tokens = 2});
  finish(forgetful);
  forgetful.submit(chat, {.max_tokens = 2});
  finish(forgetful);
  EXPECT_EQ(forgetful.stats().shared_tokens, 0);
}

TEST_F(Batches, AFolderKeepsPromptsOverRestarts) {
  const test::ScratchDir dir;
  const auto long_prompt = prompt(
      "Once upon a time there was a girl who had a cat and a dog and a bird and a fish and a house "
      "in the big green forest where she liked to play with all of them every day");
  ASSERT_GT(long_prompt.size(), 33u);
  const GenerateOptions o{.max_tokens = 8, .ignore_eos = true};
  const Generation want = engine().generate(long_prompt, o);
  for (int start = 0; start < 2; ++start) {
    BatchEngine batch(engine(), {.cache_dir = dir.path()});
    const auto request = batch.submit(long_prompt, o);
    const Generation got = finish(batch).at(request);
    EXPECT_EQ(got.ids, want.ids);
    const std::int64_t whole = (std::ssize(long_prompt) - 1) / 32 * 32;
    EXPECT_EQ(got.cached_tokens, start == 0 ? 0 : whole);
    EXPECT_EQ(batch.stats().recalled_tokens, got.cached_tokens);
    // Whoever does not know the salt does not learn that somebody asked.
    GenerateOptions salted = o;
    salted.cache_salt = "another";
    const auto again = batch.submit(long_prompt, salted);
    const Generation second = finish(batch).at(again);
    EXPECT_EQ(second.ids, want.ids);
    EXPECT_EQ(second.cached_tokens, start == 0 ? 0 : whole);
  }
}

TEST_F(Batches, RepliesAreCancelledByNumberAndByToken) {
  BatchEngine batch(engine());
  std::stop_source stop;
  GenerateOptions stoppable = options(4);
  stoppable.cancel = stop.get_token();
  const auto one = batch.submit(prompt("Once"), options(4));
  const auto two = batch.submit(prompt("Tom"), stoppable);
  const auto three = batch.submit(prompt("Lily"), options(4));
  batch.step();
  EXPECT_TRUE(batch.cancel(one));
  EXPECT_FALSE(batch.cancel(one));
  stop.request_stop();
  const auto got = finish(batch);
  EXPECT_EQ(got.at(one).finish_reason, FinishReason::kCancelled);
  EXPECT_EQ(got.at(one).ids.size(), 1u);
  EXPECT_EQ(got.at(two).finish_reason, FinishReason::kCancelled);
  EXPECT_EQ(got.at(three).ids, engine().generate("Lily", options(4)).ids);
}

TEST_F(Batches, BothMayBeMoved) {
  BatchEngine first(engine());
  const auto request = first.submit(prompt("Tom"), options(0));
  first.step();
  const Engine moved = std::move(engine());
  BatchEngine second = std::move(first);
  EXPECT_EQ(finish(second).at(request).ids.size(), 20u);
}

TEST_F(Batches, ALengthBeyondTrainingIsRemarkedOnOnce) {
  const test::HeardRemarks heard;
  Engine longer =
      Engine::load(test::shared_dir() / "models/stories260K", {.threads = 1, .context = 700});
  const auto remarks = [&] { return std::ranges::count(heard.text(), '\n'); };
  EXPECT_EQ(remarks(), 1) << heard.text();
  const BatchEngine same(longer, {.max_replies = 1});
  EXPECT_EQ(remarks(), 1) << heard.text();
  const BatchEngine more(longer, {.max_replies = 1, .context = 800});
  EXPECT_EQ(remarks(), 2) << heard.text();
}

TEST_F(Batches, WhatCannotRunIsRefused) {
  PANGU_EXPECT_ERROR(BatchEngine(engine(), {.max_replies = 0}), ConfigError, "0 replies");
  PANGU_EXPECT_ERROR(BatchEngine(engine(), {.context = -1}), ConfigError, "-1 positions");
  PANGU_EXPECT_ERROR(BatchEngine(engine(), {.max_replies = std::int64_t{1} << 60}), OutOfMemory,
                     "");
  BatchEngine batch(engine());
  PANGU_EXPECT_ERROR(batch.submit({}), InputError, "prompt is empty");
  PANGU_EXPECT_ERROR(batch.submit(std::vector<TokenId>(160, 1)), InputError, "holds 160");
  PANGU_EXPECT_ERROR(batch.submit(prompt("Tom"), {.stop = {""}}), ConfigError, "stop");
  EXPECT_EQ(batch.waiting(), 0u);
  EXPECT_FALSE(batch.step());
}

}  // namespace
}  // namespace pangu
