// SPDX-License-Identifier: Apache-2.0
// Models that come and go while they are asked for.
#include "serve/model_set.h"

#include <gmock/gmock.h>

#include <fstream>
#include <future>
#include <random>
#include <thread>

#include "base/last_name.h"
#include "serve/api_error.h"
#include "serve/models/model_memory.h"
#include "tests/support/support.h"

namespace pangu::serve {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr std::chrono::seconds kPatience{60};

/// Copies of the small model under names of their own.
class ModelSets : public testing::Test {
 protected:
  void SetUp() override { PANGU_NEEDS_SHARED_DATA(); }

  ModelSource copy(const std::string& name) {
    const fs::path path = scratch_.path() / name;
    fs::copy(test::shared_dir() / "models/stories260K", path, fs::copy_options::recursive);
    return {name, path};
  }

  static ServedModelOptions each() {
    ServedModelOptions out;
    out.engine.threads = 1;
    out.engine.context = 64;
    out.batch = {.max_replies = 2};
    return out;
  }

  /// Room for so many of the copies.
  static std::int64_t room_for(const ModelSource& one, double n) {
    return static_cast<std::int64_t>(
        n * static_cast<double>(expected_memory(one.path, each().engine, each().batch)));
  }

  ModelSetOptions options(std::int64_t max_memory = 0) {
    return {.each = each(), .max_memory = max_memory, .remark = [this](const std::string& text) {
              const std::lock_guard lock(mutex_);
              remarks_ += text + "\n";
            }};
  }

  std::string remarks() {
    const std::lock_guard lock(mutex_);
    return remarks_;
  }

  test::ScratchDir scratch_;
  std::mutex mutex_;
  std::string remarks_;
};

/// What came of a request: the text of a reply, or the error.
struct Outcome {
  std::string text, error;
  int status = 200;
};

/// Asks a model for a few tokens; the future is there once they are, or an error.
std::future<Outcome> reply_of(ModelSet& models, ModelWish wish, std::int64_t tokens = 5) {
  auto promise = std::make_shared<std::promise<Outcome>>();
  const auto failed = [promise](const std::exception_ptr& error) {
    const ApiError known = as_api_error(error);
    promise->set_value({.text = {}, .error = known.what(), .status = known.status});
  };
  const auto ask = [promise, failed, tokens](ServedModel& model) {
    auto job = std::make_unique<ReplyJob>();
    job->prompt = model.engine().text_prompt("Once");
    job->options.max_tokens = tokens;
    job->on_done = [promise](const Generation& g) {
      promise->set_value({.text = g.text, .error = {}});
    };
    job->on_error = failed;
    std::vector<ReplyJobPtr> jobs;
    jobs.push_back(std::move(job));
    model.submit(std::move(jobs), [] {});
  };
  try {
    models.use(wish, {.ready = ask, .failed = failed});
  } catch (...) {
    failed(std::current_exception());
  }
  return promise->get_future();
}

Outcome outcome(std::future<Outcome> future) {
  if (future.wait_for(kPatience) != std::future_status::ready) {
    ADD_FAILURE() << "nothing came of a request";
    return {};
  }
  return future.get();
}

Outcome asked(ModelSet& models, const std::string& name) {
  return outcome(reply_of(models, {.name = name}));
}

/// Waits for something that other threads do.
template <class Condition>
::testing::AssertionResult comes_true(Condition condition) {
  for (int i = 0; i < 4000; ++i) {
    if (condition()) return ::testing::AssertionSuccess();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return ::testing::AssertionFailure() << "it never came true";
}

std::string states(const ModelSet& models) {
  std::string out;
  for (const ModelEntry& entry : models.entries()) {
    out += (out.empty() ? "" : " ") + entry.name + ":" + std::string(name(entry.state));
  }
  return out;
}

TEST_F(ModelSets, WhatDoesNotFitIsLoadedWhenItIsAskedFor) {
  const ModelSource a = copy("a"), b = copy("b"), c = copy("c");
  ModelSet models({a, b, c}, options(room_for(a, 2.5)));
  models.wait_until_loaded();
  EXPECT_EQ(states(models), "a:ready b:ready c:unloaded");
  EXPECT_TRUE(models.is_ready());
  EXPECT_NEAR(static_cast<double>(models.entries()[0].bytes), static_cast<double>(room_for(a, 1)),
              0.1 * static_cast<double>(room_for(a, 1)));
  const std::string text = asked(models, "a").text;
  EXPECT_FALSE(text.empty());
  EXPECT_EQ(asked(models, "c").text, text);
  EXPECT_EQ(states(models), "a:ready b:unloaded c:ready") << "b was not asked for longest";
  EXPECT_EQ(asked(models, "b").text, text);
  EXPECT_EQ(states(models), "a:unloaded b:ready c:ready");
  EXPECT_EQ(models.entry("a").status.replies, 1) << "what a load did is not forgotten";
}

TEST_F(ModelSets, ABusyModelMakesRoomOnceItIsIdle) {
  const ModelSource a = copy("a"), b = copy("b");
  ModelSet models({a, b}, options(room_for(a, 1.5)));
  models.wait_until_loaded();
  auto held = std::make_unique<ModelHold>(*models.entry("a").served);
  auto b1 = reply_of(models, {.name = "b", .id = "b1"});
  ASSERT_TRUE(comes_true([&] { return states(models) == "a:ready b:loading"; }));
  // Who asks for a now waits behind b: else b would never be loaded.
  ASSERT_TRUE(comes_true([&] {
    static_cast<void>(reply_of(models, {.name = "a", .id = "a1"}));
    return models.pending().size() > 1;
  }));
  const std::vector<PendingRequest> pending = models.pending();
  EXPECT_EQ(pending[0].id, "b1");
  EXPECT_EQ(pending[0].model, "b");
  EXPECT_EQ(pending[1].id, "a1");
  EXPECT_EQ(b1.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  held.reset();
  EXPECT_EQ(outcome(std::move(b1)).status, 200);
  EXPECT_EQ(asked(models, "a").status, 200);
  EXPECT_TRUE(comes_true([&] { return models.pending().empty(); }));
}

TEST_F(ModelSets, WhoWaitsForAModelMayGiveUp) {
  const ModelSource a = copy("a"), b = copy("b");
  ModelSet models({a, b}, options(room_for(a, 1.5)));
  models.wait_until_loaded();
  auto held = std::make_unique<ModelHold>(*models.entry("a").served);
  std::stop_source gone;
  auto late = reply_of(
      models, {.name = "b", .deadline = deadline_after(Clock::now(), 0.05, 0), .gone = {}});
  auto left = reply_of(models, {.name = "b", .gone = gone.get_token()});
  const Outcome out = outcome(std::move(late));
  EXPECT_EQ(out.status, 504);
  EXPECT_THAT(out.error, HasSubstr("0.05 s"));
  gone.request_stop();
  EXPECT_EQ(outcome(std::move(left)).status, 503);
  // a was to leave, and nobody needs its room any more.
  EXPECT_EQ(asked(models, "a").status, 200);
  EXPECT_EQ(states(models), "a:ready b:unloaded");
}

TEST_F(ModelSets, OneThatCannotBeLoadedLeavesTheOthersAlone) {
  const ModelSource a = copy("a"), b = copy("b");
  ModelSet models({a, b}, options(room_for(a, 1.5)));
  models.wait_until_loaded();
  fs::rename(b.path, scratch_.path() / "away");
  const Outcome out = asked(models, "b");
  EXPECT_EQ(out.status, 503);
  EXPECT_THAT(out.error, HasSubstr("The model b could not be loaded"));
  EXPECT_EQ(states(models), "a:ready b:failed");
  EXPECT_THAT(models.entry("b").failure, HasSubstr("b"));
  EXPECT_EQ(asked(models, "a").status, 200);
  EXPECT_EQ(asked(models, "b").status, 503) << "it is not tried at once";
  fs::rename(scratch_.path() / "away", b.path);
  models.reload();  // whatever was wrong may be right now
  ASSERT_TRUE(comes_true([&] { return asked(models, "b").status == 200; }));
  EXPECT_EQ(states(models), "a:unloaded b:ready");
}

TEST_F(ModelSets, OneThatIsTooLargeIsRefusedWithNumbers) {
  const ModelSource a = copy("a");
  ModelSet models({a}, options(room_for(a, 0.5)));
  try {
    models.wait_until_loaded();
    ADD_FAILURE() << "it was loaded";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("--max-memory"));
  }
  EXPECT_EQ(asked(models, "a").status, 503);
}

TEST_F(ModelSets, ReloadsWhatChangedWhileItIsUsed) {
  const ModelSource a = copy("a"), b = copy("b");
  ModelSet models({a, b}, options());
  models.wait_until_loaded();
  const std::string text = asked(models, "a").text;
  models.reload();
  ASSERT_TRUE(comes_true([&] { return remarks() == "no model that is loaded changed on disk\n"; }));
  const std::shared_ptr<ServedModel> first = models.entry("a").served;
  auto held = std::make_unique<ModelHold>(*first);
  std::ofstream(a.path / "note.txt") << "new";
  EXPECT_EQ(files_since(a.path, first->stamp()), "changed");
  models.reload();
  ASSERT_TRUE(comes_true([&] { return models.entry("a").served != first; }));
  EXPECT_THAT(remarks(), HasSubstr("a changed on disk: loading anew"));
  EXPECT_THAT(remarks(), HasSubstr("a was loaded anew"));
  EXPECT_EQ(asked(models, "a").text, text);
  // Whoever still has the old one may go on with it.
  EXPECT_EQ(first->state(), ServedModel::State::kReady);
  EXPECT_FALSE(first->is_idle());
  held.reset();
  EXPECT_EQ(models.entry("a").status.replies, 2);
}

TEST_F(ModelSets, AReloadThatFailsKeepsTheOldOne) {
  const ModelSource a = copy("a");
  ModelSet models({a}, options());
  models.wait_until_loaded();
  const std::shared_ptr<ServedModel> first = models.entry("a").served;
  fs::remove(a.path / "config.json");
  models.reload();
  ASSERT_TRUE(
      comes_true([&] { return remarks().find("a goes on as it was") != std::string::npos; }));
  EXPECT_EQ(models.entry("a").served, first);
  EXPECT_EQ(asked(models, "a").status, 200);
  fs::remove_all(a.path);
  EXPECT_EQ(files_since(a.path, first->stamp()), "gone");
  EXPECT_EQ(asked(models, "a").status, 200) << "what was loaded needs no files";
}

/// Whoever asks for whatever, whoever goes away and whatever is loaded anew meanwhile: each gets
/// the reply of its model, and the memory is kept.
TEST_F(ModelSets, EverybodyIsAnsweredWhateverComesAndGoes) {
  const ModelSource a = copy("a"), b = copy("b"), c = copy("c");
  ModelSet models({a, b, c}, options(room_for(a, 2.5)));
  models.wait_until_loaded();
  const std::string text = asked(models, "a").text;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(test::seed()) + t);
      for (int i = 0; i < (test::kSanitized ? 8 : 25); ++i) {
        const std::string name(1, static_cast<char>('a' + random() % 3));
        if (random() % 8 == 0) {
          std::stop_source gone;
          auto rude = reply_of(models, {.name = name, .gone = gone.get_token()});
          gone.request_stop();
          outcome(std::move(rude));
          continue;
        }
        if (random() % 10 == 0) models.reload();
        const Outcome out = asked(models, name);
        ASSERT_EQ(out.text, text) << out.error;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::int64_t loaded = 0;
  for (const ModelEntry& entry : models.entries()) loaded += entry.bytes;
  EXPECT_LE(loaded, room_for(a, 2.5));
}

}  // namespace
}  // namespace pangu::serve
