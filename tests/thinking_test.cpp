// SPDX-License-Identifier: Apache-2.0
// Thinking that is closed, in replies of a trained model: the same reply with and without
// speculation, alone and in a batch, greedy and drawn. PANGU_TEST_PROMPTS and
// PANGU_TEST_BYTES make it longer.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "runtime/generate/chat_prompt.h"
#include "runtime/generate/generator.h"
#include "runtime/generate/loop_finder.h"
#include "runtime/model.h"
#include "tests/support/reply_record.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

constexpr int64_t kContext = 1024;

/// Questions that pangu-nano thinks about, in both languages, and some that it does not.
std::string question(std::int64_t i) {
  const std::int64_t n = 3 + i * 7 % 40, m = 2 + i % 7;
  switch (i % 4) {
    case 0:
      return fmt::format(
          "Kate buys {} flowers for {} yuan each and pays with {} yuan. How much change does Kate "
          "get?",
          n, m, n * m + 17);
    case 1:
      return fmt::format("{}朵花装进{}个满袋，每袋{}朵。还剩多少朵花？", n * m + 1, n, m);
    case 2:
      return fmt::format(
          "Carl has {} plants. Leo has {} more than Carl. How many plants do they have together?",
          n, m);
    default:
      return "Say the opposite: big";
  }
}

class ThinkingOfAModel : public testing::Test {
 protected:
  std::vector<TokenId> prompt(std::int64_t i) const {
    const Message message{.role = "user", .content = question(i)};
    return chat_prompt(model_, std::span(&message, 1), Thinking::kSlow, {}, kContext);
  }

  static GenerateOptions options(std::int64_t i, std::int64_t budget) {
    GenerateOptions o{.max_tokens = 120, .split_reasoning = true, .think_budget = budget};
    if (i % 3 == 1) o.sampling = {.temperature = 1.0f, .top_p = 0.95f, .seed = 7};
    o.top_logprobs = 0;
    return o;
  }

  Context ctx_{ContextOptions{.threads = 2}};
  Model model_ = load_model(std::filesystem::path(PANGU_MODELS_DIR) / "pangu-nano", {}, ctx_);
  Model draft_ = load_model(std::filesystem::path(PANGU_MODELS_DIR) / "pangu-pico", {}, ctx_);
  std::int64_t prompts_ = test::number_from("PANGU_TEST_PROMPTS", test::takes_fewer() ? 2 : 5);
};

/// What is written by itself up to the closing is written with a budget, too.
void expect_closed(const Generation& g, const Generation& free, std::int64_t budget) {
  ASSERT_LE(g.thinking_tokens, budget);
  if (g.thinking_end == ThinkingEnd::kModel) {
    EXPECT_EQ(g.ids, free.ids);
    return;
  }
  ASSERT_EQ(g.thinking_end, ThinkingEnd::kBudget);
  EXPECT_EQ(g.thinking_tokens, budget);
  const auto until = static_cast<std::ptrdiff_t>(1 + budget);  // its opening marker in front
  EXPECT_TRUE(std::equal(g.ids.begin(), g.ids.begin() + until, free.ids.begin()));
  EXPECT_TRUE(free.reasoning.starts_with(g.reasoning)) << g.reasoning;
  EXPECT_FALSE(g.text.empty());
}

TEST_F(ThinkingOfAModel, IsTheSameHoweverItIsComputed) {
  int closed = 0;
  std::vector<std::int64_t> budgets = {0, 5};
  if (!test::takes_fewer()) budgets.push_back(13);
  for (const std::int64_t budget : budgets) {
    Generator plain(model_, ctx_, kContext, KvFormat::kBF16);
    std::vector<Generation> want;
    std::vector<test::ReplyRecord> records(static_cast<std::size_t>(prompts_));
    for (std::int64_t i = 0; i < prompts_; ++i) {
      auto& record = records[static_cast<std::size_t>(i)];
      want.push_back(plain.generate(prompt(i), options(i, budget), record.on_token()));
      record.finish(want.back());
      closed += want.back().thinking_end == ThinkingEnd::kBudget ? 1 : 0;
    }
    for (const SpeculationMode mode :
         {SpeculationMode::kOff, SpeculationMode::kLookup, SpeculationMode::kSuffix,
          SpeculationMode::kDraft, SpeculationMode::kSelf, SpeculationMode::kAuto}) {
      std::vector<test::ReplyRecord> got(records.size());
      BatchGenerator batch(model_, ctx_,
                           {.max_replies = 5, .context = kContext, .speculation = {.mode = mode}},
                           &draft_);
      for (std::int64_t i = 0; i < prompts_; ++i) {
        batch.submit(prompt(i), options(i, budget), got[static_cast<std::size_t>(i)].on_token());
      }
      for (bool more = true; more;) {
        more = batch.step();
        for (const auto& [number, g] : batch.take_finished()) {
          const auto at = static_cast<std::size_t>(number);
          got[at].finish(g);
          EXPECT_EQ(g.reasoning, want[at].reasoning);
          EXPECT_EQ(g.thinking_end, want[at].thinking_end);
          EXPECT_EQ(g.thinking_tokens, want[at].thinking_tokens);
          EXPECT_EQ(g.answer_tokens, want[at].answer_tokens);
        }
      }
      EXPECT_EQ(got, records) << name(mode) << ", budget " << budget;
    }
  }
  EXPECT_GT(closed, prompts_) << "nothing was tested";
}

TEST_F(ThinkingOfAModel, GoesItsWayUpToTheBudget) {
  Generator generator(model_, ctx_, kContext, KvFormat::kBF16);
  for (std::int64_t i = 0; i < prompts_; ++i) {
    const Generation free = generator.generate(prompt(i), options(i, -1), {});
    const auto markers = free.thinking_end == ThinkingEnd::kNone ? 0 : 2;
    EXPECT_EQ(free.thinking_tokens + free.answer_tokens + markers, std::ssize(free.ids));
    if (free.thinking_end == ThinkingEnd::kNone) continue;
    for (const std::int64_t budget : {0, 4, 9, 200}) {
      SCOPED_TRACE(testing::Message() << question(i) << ", budget " << budget);
      expect_closed(generator.generate(prompt(i), options(i, budget), {}), free, budget);
    }
  }
}

/// Each file as one long thought: encyclopedia and web pages, solved sums, questions, programs with
/// their tests. The small vocabulary makes much of each, and repeats its tokens often.
TEST_F(ThinkingOfAModel, ThatIsHonestTextIsNeverTakenForALoop) {
  PANGU_NEEDS_SHARED_DATA();
  const std::size_t most = static_cast<std::size_t>(
      test::number_from("PANGU_TEST_BYTES", test::takes_fewer() ? 20'000 : 60'000));
  std::size_t files = 0, tokens = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(test::shared_dir() / "data" / "eval")) {
    if (file.path().extension() != ".jsonl") continue;
    std::string text = test::read_file(file.path());
    text.resize(std::min(text.size(), most));
    text.resize(text.find_last_of('\n') + 1);  // no character is cut
    LoopFinder finder;
    for (const TokenId id : model_.tokenizer->encode(text, {.parse_special = false})) {
      ASSERT_EQ(finder.push(id), 0) << file.path();
      ++tokens;
    }
    ++files;
  }
  EXPECT_GE(files, 8u);
  EXPECT_GT(tokens, 10'000u);
}

TEST_F(ThinkingOfAModel, InALoopIsClosedUnderEveryDrafter) {
  // What the model would write: thinking that goes round, as a recording of its own tokens.
  std::vector<TokenId> loop = {*model_.tokenizer->id_of("[unused16]")};
  const auto once = model_.tokenizer->encode("cost: 5*4=20\n", {.add_bos = false});
  while (loop.size() < 600) loop.insert(loop.end(), once.begin(), once.end());
  GenerateOptions o{.max_tokens = 400, .ignore_eos = true};
  o.replay = loop;
  std::vector<TokenId> want;
  for (const SpeculationMode mode : {SpeculationMode::kOff, SpeculationMode::kLookup,
                                     SpeculationMode::kSuffix, SpeculationMode::kSelf}) {
    Generator generator(model_, ctx_, kContext, KvFormat::kBF16, {.mode = mode});
    const Generation g = generator.generate(prompt(0), o, {});
    EXPECT_EQ(g.thinking_end, ThinkingEnd::kLoop) << name(mode);
    EXPECT_EQ(g.thinking_tokens, 256);
    EXPECT_EQ(g.answer_tokens, 400 - 256 - 2);
    if (mode == SpeculationMode::kOff) {
      want = g.ids;
    } else {
      EXPECT_GT(g.speculation.accepted, 50) << name(mode);
    }
    EXPECT_EQ(g.ids, want) << name(mode);
  }
}

}  // namespace
}  // namespace pangu
