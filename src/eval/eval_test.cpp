// SPDX-License-Identifier: Apache-2.0
// Whole evaluations of a small trained model, against numbers that a float64 reference computed.
#include "eval/eval.h"
#include "eval/draft.h"
#include "eval/tasks.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/support/support.h"

namespace pangu::eval {
namespace {

using testing::ElementsAre;

class EvalTest : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    model_ = load_model(test::shared_dir() / "models" / "stories260K", {}, ctx_);
  }

  EvalOptions options(Task task, std::string_view content, const char* name = "data.jsonl") {
    test::write_file(scratch_ / name, content);
    EvalOptions o;
    o.task = task;
    o.data = scratch_ / name;
    o.max_tokens = 12;
    o.kv = KvFormat::kF32;
    return o;
  }
  EvalResult run(const EvalOptions& o, const EvalHooks& hooks = {}) {
    return evaluate(model_, ctx_, o, load_eval_data(o), nullptr, hooks);
  }

  test::ScratchDir scratch_;
  Context ctx_{ContextOptions{.threads = 2, .dtype = DType::kF32}};
  Model model_;
};

constexpr const char* kTexts =
    "{\"text\":\"Once upon a time, there was a little girl named Lily. She loved to play outside "
    "in "
    "the park. One day, she saw a big, red ball.\"}\n"
    "{\"text\":\"\"}\n"
    "{\"text\":\"Tom and Sam are friends.\",\"language\":\"en\"}\n";

TEST_F(EvalTest, PerplexityIsThatOfTheReference) {
  EvalOptions o = options(Task::kPerplexity, kTexts);
  o.window = 16;
  o.stride = 8;
  const EvalResult r = run(o);
  // tools/reference.py in float64, windows of 16 tokens that advance by 8.
  ASSERT_EQ(r.items.size(), 2u);
  EXPECT_EQ(r.planned, 2);
  EXPECT_FALSE(r.partial);
  EXPECT_NEAR(r.items[0].measures[0].value, 17.6066835995202, 2e-5);
  EXPECT_EQ(r.items[0].measures[0].weight, 44);
  EXPECT_EQ(r.items[0].measures[1].weight, 126);
  EXPECT_NEAR(r.items[1].measures[0].value, 10.616480167816395, 2e-5);
  const auto metrics = summarize(r);
  EXPECT_EQ(metrics[0].name, "perplexity");
  EXPECT_NEAR(metrics[0].value, 1.6864929257494776, 1e-6);
  EXPECT_EQ(metrics[1].name, "bits_per_byte");
  EXPECT_NEAR(metrics[1].value, 0.2714494560355572, 1e-6);
  EXPECT_LT(metrics[0].ci95.low, metrics[0].value);
  EXPECT_GT(metrics[0].ci95.high, metrics[0].value);
  EXPECT_NEAR(running_score(r), metrics[0].value, 1e-12);
  const auto groups = summarize_groups(r);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].value, "en");
  EXPECT_EQ(groups[0].n, 1);
}

TEST_F(EvalTest, EachTokenIsScoredOnceWhateverWindowAndBatch) {
  const std::string text(
      "Once upon a time, there was a little girl named Lily. She loved to play outside in the "
      "park. "
      "One day, she saw a big, red ball. She wanted to play with it, but it was too high.");
  const auto n = static_cast<double>(model_.tokenizer->encode(text).size()) - 1;
  for (const int64_t stride : {1, 5, 16}) {
    double want = 0;
    for (const int64_t batch : {1, 3, 16}) {
      EvalOptions o = options(Task::kPerplexity, text, "data.txt");
      o.window = 16;
      o.stride = stride;
      o.batch = batch;
      const EvalResult r = run(o);
      double nll = 0, tokens = 0, bytes = 0;
      for (const EvalItem& item : r.items) {
        nll += item.measures[0].value;
        tokens += item.measures[0].weight;
        bytes += item.measures[1].weight;
      }
      EXPECT_EQ(tokens, n);
      EXPECT_EQ(bytes, static_cast<double>(text.size()));
      if (batch == 1) want = nll;
      EXPECT_EQ(nll, want);
    }
  }
}

constexpr const char* kChoices =
    "{\"prompt\":\"Once upon a time, there was a little girl named\",\"choices\":[\" Tom and "
    "Sam\",\" "
    "Lily\",\" a big red dog\"],\"answer_index\":1,\"language\":\"en\"}\n"
    "{\"prompt\":\"Once upon a time, there was a little girl named\",\"choices\":[\" Lily\",\" a "
    "big "
    "red dog\"],\"answer_index\":1,\"language\":\"xx\"}\n";

TEST_F(EvalTest, ChoicesAreSumsOfLogProbabilities) {
  EvalOptions o = options(Task::kChoice, kChoices);
  for (const int64_t batch : {1, 2}) {
    o.batch = batch;
    const EvalResult r = run(o);
    ASSERT_EQ(r.items.size(), 2u);
    // tools/reference.py in float64.
    const auto logprobs = r.items[0].details["logprobs"].get<std::vector<double>>();
    EXPECT_NEAR(logprobs[0], -15.150237901211646, 2e-4);
    EXPECT_NEAR(logprobs[1], -0.07659969227052407, 2e-5);
    EXPECT_NEAR(logprobs[2], -23.165092666593374, 2e-4);
    EXPECT_EQ(r.items[0].details["predicted"], 1);
    EXPECT_EQ(r.items[0].measures[0].value, 1);
    EXPECT_EQ(r.items[1].measures[0].value, 0);
    EXPECT_EQ(summarize(r)[0].value, 0.5);
    EXPECT_EQ(summarize(r)[0].ci95, wilson(1, 2));
    EXPECT_EQ(summarize_groups(r).size(), 2u);
  }
}

TEST(Choices, TheirLengthIsThatOfLmEvaluationHarness) {
  // Its choices have no blank in front, and lengths are Python's len().
  EXPECT_EQ(choice_length(" Lily"), 4);
  EXPECT_EQ(choice_length("Lily "), 5);
  EXPECT_EQ(choice_length("\n \tA b"), 3);
  EXPECT_EQ(choice_length(" 答案 é"), 4);
  EXPECT_EQ(choice_length("   "), 3);
}

TEST_F(EvalTest, NormalizingDividesByCharactersWithoutTheBlankInFront) {
  std::vector<std::string> choices;
  for (const char* word :
       {"a", "an", "it", "she", "they", "saw", "went", "wanted", "happy", "day"}) {
    choices.push_back(std::string(" ") + word);
  }
  std::string rows;
  // Enough of them that the two lengths choose differently somewhere, whatever the arithmetic.
  for (const char* first : {"Once", "One day,", "The cat", "Tom and", "It was", "She", "He said"}) {
    for (const char* second : {"", " a", " was", " the big", " and then", " had a"}) {
      const std::string prompt = std::string(first) + second;
      rows += Json({{"prompt", prompt}, {"choices", choices}, {"answer_index", 0}}).dump() + "\n";
    }
  }
  int n_other = 0;
  for (const EvalItem& item : run(options(Task::kChoice, rows)).items) {
    const auto lp = item.details["logprobs"].get<std::vector<double>>();
    const auto best = [&](std::size_t blank) {
      std::size_t at = 0;
      const auto norm = [&](std::size_t i) {
        return lp[i] / static_cast<double>(choices[i].size() - 1 + blank);
      };
      for (std::size_t i = 1; i < lp.size(); ++i) at = norm(i) > norm(at) ? i : at;
      return at;
    };
    EXPECT_EQ(item.details["predicted_norm"], best(0)) << item.info.line;
    n_other += best(0) != best(1) ? 1 : 0;
  }
  EXPECT_GT(n_other, 0) << "no item tells the two lengths apart";
}

TEST_F(EvalTest, LongPromptsLoseTheirBeginning) {
  EvalOptions o = options(Task::kChoice, kChoices);
  o.context = 10;
  const EvalResult r = run(o);
  EXPECT_EQ(r.settings["truncated"], 2);
  o.context = 4;
  PANGU_EXPECT_ERROR(run(o), InputError, "data.jsonl:1", "more tokens than the context of 4");
}

constexpr const char* kMatches =
    "{\"prompt\":\"Once upon a time, there was a little girl named\",\"answer\":\"Lily. She loved "
    "to play "
    "outside in the park.\"}\n"
    "{\"prompt\":\"Once upon a time, there was a little "
    "boy\",\"answer\":\"x\",\"language\":\"en\"}\n"
    "{\"prompt\":\"Tom and\",\"answer\":\"x\"}\n";

TEST_F(EvalTest, RepliesAreTheSameForAnyBatch) {
  EvalOptions o = options(Task::kMatch, kMatches);
  std::vector<std::vector<Json>> outputs;
  for (const int64_t batch : {1, 2, 16}) {
    o.batch = batch;
    outputs.emplace_back();
    for (const EvalItem& item : run(o).items) outputs.back().push_back(item.details);
  }
  EXPECT_EQ(outputs[0].size(), 3u);
  EXPECT_EQ(outputs[1], outputs[0]);
  EXPECT_EQ(outputs[2], outputs[0]);
  EXPECT_THAT(outputs[0][0]["output"].get<std::string>(), testing::StartsWith(" Lily. She loved"));
  // A seed decides what is drawn.
  o.sampling = {.temperature = 1.0f, .seed = 3};
  const EvalResult a = run(o);
  o.batch = 1;
  const EvalResult b = run(o);
  o.sampling.seed = 4;
  const EvalResult c = run(o);
  EXPECT_EQ(a.items[1].details["output"], b.items[1].details["output"]);
  EXPECT_NE(a.items[1].details["output"], c.items[1].details["output"]);
}

TEST_F(EvalTest, AModelIsAPerfectDraftOfItself) {
  EvalResult replies = run(options(Task::kMatch, kMatches));
  const ScorerOptions scorer{.kv = KvFormat::kF32};
  const DraftAgreement same = draft_agreement(model_, ctx_, replies, model_.known_ids(), scorer);
  EXPECT_EQ(same.tokens, 3 * 12);
  EXPECT_EQ(same.share.value, 1);
  // A token that is never the likeliest costs at least itself.
  replies.items[0].reply.back() = 1;
  const DraftAgreement other = draft_agreement(model_, ctx_, replies, model_.known_ids(), scorer);
  EXPECT_DOUBLE_EQ(other.share.value, 35.0 / 36.0);
  EXPECT_LT(other.share.ci95.low, other.share.value);
  PANGU_EXPECT_ERROR(draft_agreement(model_, ctx_, replies, 2048, scorer), ConfigError,
                     "512 tokens", "2048", "same tokenizer");
  PANGU_EXPECT_ERROR(draft_agreement(model_, ctx_, {}, model_.known_ids(), scorer), ConfigError,
                     "no replies");
}

TEST_F(EvalTest, MatchComparesTrimmedTextOrTheFirstLine) {
  EvalOptions o = options(Task::kMatch, kMatches);
  std::string output = run(o).items[0].details["output"];
  o = options(Task::kMatch, Json({{"prompt", "Once upon a time, there was a little girl named"},
                                  {"answer", "  " + output + "\n"}})
                                .dump());
  EXPECT_EQ(summarize(run(o))[0].value, 1);
  o.first_line = true;
  o.max_tokens = 60;
  const EvalResult longer = run(o);
  const std::string all = longer.items[0].details["output"];
  const std::string line = all.substr(1, all.find('\n') - 1);
  EXPECT_EQ(longer.items[0].details["found"], line);
}

TEST_F(EvalTest, ReasoningThatThePromptBeganAndNothingEndsIsNoAnswer) {
  const EvalOptions o = options(
      Task::kMatch, R"({"prompt":"Once upon a time, there was a <think>","answer":"girl"})");
  const EvalResult r = run(o);
  EXPECT_EQ(r.items[0].details["output"], "");
  EXPECT_EQ(r.items[0].details["found"], "");
  EXPECT_THAT(r.items[0].details["reasoning"].get<std::string>(), testing::Not(testing::IsEmpty()));
}

TEST_F(EvalTest, ShotsComeFromTheFileOrAnother) {
  EvalOptions o = options(Task::kMath,
                          "{\"question\":\"1+1?\",\"answer\":\"#### 2\"}\n"
                          "{\"question\":\"2+2?\",\"answer\":\"#### 4\"}\n"
                          "{\"question\":\"3+3?\",\"answer\":\"#### 6\"}\n");
  EXPECT_EQ(run(o).items.size(), 3u);
  o.shots = 2;
  const EvalResult r = run(o);
  ASSERT_EQ(r.items.size(), 1u);
  EXPECT_EQ(r.items[0].info.line, 3);
  EXPECT_EQ(r.items[0].details["expected"], "6");
  o.shots_data = o.data;
  o.limit = 2;
  EXPECT_EQ(run(o).items.size(), 2u);
  o.shots_data.clear();
  o.shots = 3;
  PANGU_EXPECT_ERROR(load_eval_data(o), ConfigError, "3 examples", "3 rows", "--shots");
}

TEST_F(EvalTest, StoppingLeavesAPartialResult) {
  EvalOptions o = options(Task::kMatch, kMatches);
  o.batch = 1;
  std::stop_source stop;
  const EvalResult r = run(o, {.progress = [&](auto, auto, double) { stop.request_stop(); },
                               .cancel = stop.get_token()});
  EXPECT_TRUE(r.partial);
  EXPECT_EQ(r.items.size(), 1u);
  EXPECT_EQ(r.planned, 3);
  EvalOptions p = options(Task::kPerplexity, kTexts);
  const EvalResult none = run(p, {.cancel = stop.get_token()});
  EXPECT_TRUE(none.partial);
  EXPECT_EQ(none.items.size(), 0u);
  EXPECT_EQ(summarize(none)[0].value, 1);
}

TEST_F(EvalTest, RefusesWhatDoesNotFit) {
  EvalOptions o = options(Task::kPerplexity, kTexts);
  o.window = 8;
  o.stride = 9;
  PANGU_EXPECT_ERROR(run(o), ConfigError, "stride of 9", "window of 8");
  o = options(Task::kPerplexity, "{\"text\":\"\"}");
  PANGU_EXPECT_ERROR(run(o), InputError, "no text to score");
  o = options(Task::kChoice, kChoices);
  o.form = PromptForm::kChat;
  PANGU_EXPECT_ERROR(run(o), ConfigError, "no chat template");
  o = options(Task::kCode, "{\"text\":\"t\",\"test_list\":[\"a\"]}");
  PANGU_EXPECT_ERROR(run(o), ConfigError, "sandbox");
  PANGU_EXPECT_ERROR(run(options(Task::kDivergence, kTexts)), ConfigError, "kl compares",
                     "reference");
  PANGU_EXPECT_ERROR(parse_task("x"), ConfigError, "no task 'x'");
  o = options(Task::kPerplexity, "\xff", "data.txt");
  PANGU_EXPECT_ERROR(load_eval_data(o), InputError, "data.txt");
}

EvalResult marks(const std::vector<int>& values) {
  EvalResult r;
  r.measured = {{"acc", MetricKind::kShare}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    r.items.push_back({.info = {.line = static_cast<int64_t>(i) + 1, .groups = {}},
                       .measures = {{static_cast<double>(values[i]), 1}},
                       .details = {}});
  }
  return r;
}

TEST(Compare, PairsItemsByLine) {
  const EvalResult a = marks({1, 1, 0, 0, 1, 0}), b = marks({1, 0, 1, 1, 1, 0});
  const auto c = compare(a, b, 1);
  ASSERT_EQ(c.size(), 1u);
  EXPECT_EQ(c[0].n, 6);
  EXPECT_DOUBLE_EQ(c[0].difference, 1.0 / 6);
  EXPECT_EQ(c[0].only_a, 1);
  EXPECT_EQ(c[0].only_b, 2);
  EXPECT_EQ(c[0].p_value, mcnemar_exact(1, 2));
  EXPECT_LE(c[0].ci95.low, c[0].difference);
  EXPECT_GE(c[0].ci95.high, c[0].difference);
  EXPECT_EQ(compare(a, b, 1)[0].ci95, c[0].ci95);
  EvalResult shorter = b;
  shorter.items.erase(shorter.items.begin());
  EXPECT_EQ(compare(a, shorter, 1)[0].n, 5);
  // Units that differ are not compared.
  EvalResult other = b;
  other.items[0].measures[0].weight = 2;
  EXPECT_TRUE(compare(a, other, 1).empty());
  EXPECT_EQ(compare(a, a, 1)[0].ci95, Interval{});
}

}  // namespace
}  // namespace pangu::eval
