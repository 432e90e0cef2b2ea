// SPDX-License-Identifier: Apache-2.0
// Divergences of whole models against plain sums over logits that are computed one window at a
// time, and of a model from logits that a float64 reference computed.
#include "eval/divergence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "eval/position_divergence.h"
#include "io/safetensors.h"
#include "ops/host.h"
#include "runtime/cache/kv_cache.h"
#include "tests/support/letters_tokenizer.h"
#include "tests/support/model_fixture.h"
#include "tests/support/support.h"

namespace pangu::eval {
namespace {

constexpr std::int64_t kVocabulary = 512;

constexpr const char* kFourTexts =
    "{\"text\":\"Once upon a time, there was a little girl named Lily. She loved to play outside "
    "in the park. One day, she saw a big, red ball.\"}\n"
    "{\"text\":\"\"}\n"
    "{\"text\":\"Tom and Sam are friends.\",\"language\":\"en\"}\n"
    "{\"text\":\"The cat sat on the mat and looked at the bird.\",\"language\":\"en\"}\n";

class DivergenceTest : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    original_ = load({});
    coarse_ = load({.layers = WeightFormat::kW4A16G32});
  }

  Model load(const WeightFormats& formats) {
    return load_model(test::shared_dir() / "models" / "stories260K", {.formats = formats}, ctx_);
  }
  EvalOptions options(std::string_view content = kFourTexts, const char* name = "data.jsonl") {
    test::write_file(scratch_ / name, content);
    EvalOptions o;
    o.task = Task::kDivergence;
    o.data = scratch_ / name;
    o.kv = KvFormat::kF32;
    o.window = 16;
    o.stride = 8;
    return o;
  }
  Reference record(const EvalOptions& o) {
    return record_reference(original_, ctx_, o, load_eval_data(o));
  }
  /// Texts of random tokens, some as prompts with replies.
  std::vector<ReferenceText> random_texts(std::size_t n) {
    std::mt19937_64 rng(test::seed());
    std::vector<ReferenceText> texts(n);
    for (std::size_t t = 0; t < n; ++t) {
      texts[t].info.line = static_cast<std::int64_t>(t) + 1;
      for (std::size_t p = 0; p < 1 + t % 3; ++p) {
        ScoredText passage{.ids = {1}, .from = 1};
        for (std::size_t i = 0; i < 2 + rng() % 50; ++i) {
          passage.ids.push_back(static_cast<TokenId>(rng() % kVocabulary));
        }
        passage.from = 1 + static_cast<std::int64_t>(rng() % (passage.ids.size() - 1));
        texts[t].passages.push_back(std::move(passage));
      }
    }
    return texts;
  }
  Reference record(std::vector<ReferenceText> texts, const RowStoreLimits& limits = {}) {
    return {original_, ctx_, std::move(texts), {.kv = KvFormat::kF32, .limits = limits}};
  }

  /// Log-probabilities after every token of a passage, in double, of a pass over it alone.
  std::vector<std::vector<double>> plain(const Model& model, const std::vector<TokenId>& ids) {
    KvCache cache(model.network->kv_shape(KvFormat::kF32), 512, ctx_.shared_device());
    Batch batch;
    cache.append(cache.create(), ids, Logits::kAll, batch);
    const Tensor logits = to_host(model.network->forward(batch, cache.storage(), ctx_));
    std::vector<std::vector<double>> rows;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::span<const float> row(logits.data<float>() + i * kVocabulary, kVocabulary);
      double sum = 0;
      for (const float x : row) sum += std::exp(double{x});
      rows.emplace_back();
      for (const float x : row) rows.back().push_back(x - std::log(sum));
    }
    return rows;
  }

  test::ScratchDir scratch_;
  Context ctx_{ContextOptions{.threads = 2, .dtype = DType::kF32}};
  Model original_, coarse_;
};

/// What the metrics of one text are made of, by the definitions.
struct PlainSums {
  double n = 0, same = 0, change = 0, squares = 0, nll = 0, reference_nll = 0;
  std::vector<double> kl;

  void add(std::span<const double> p, std::span<const double> q, std::size_t next) {
    double sum = 0;
    for (std::size_t i = 0; i < p.size(); ++i) sum += std::exp(p[i]) * (p[i] - q[i]);
    const auto top = [](auto row) { return std::ranges::max_element(row) - row.begin(); };
    kl.push_back(sum);
    n += 1;
    same += top(p) == top(q) ? 1 : 0;
    change += q[next] - p[next];
    squares += std::pow(std::exp(q[next]) - std::exp(p[next]), 2);
    nll -= q[next];
    reference_nll -= p[next];
  }
  double kl_sum() const { return std::accumulate(kl.begin(), kl.end(), 0.0); }
};

TEST_F(DivergenceTest, IsThatOfPlainSumsOverEveryPosition) {
  const EvalOptions o = options();
  const Reference reference = record(o);
  const EvalResult r = evaluate_divergence(reference, coarse_, ctx_, o);
  ASSERT_EQ(r.items.size(), 3u);
  EXPECT_FALSE(r.partial);
  EXPECT_EQ(r.task, "kl");
  EXPECT_EQ(r.settings["window"], 16);
  std::vector<double> all;
  PlainSums sum;
  for (std::size_t t = 0; t < r.items.size(); ++t) {
    PlainSums text;
    for (const ScoredText& passage : reference.texts()[t].passages) {
      const auto p = plain(original_, passage.ids), q = plain(coarse_, passage.ids);
      for (auto i = static_cast<std::size_t>(passage.from); i < passage.ids.size(); ++i) {
        text.add(p[i - 1], q[i - 1], static_cast<std::size_t>(passage.ids[i]));
        sum.add(p[i - 1], q[i - 1], static_cast<std::size_t>(passage.ids[i]));
      }
    }
    const EvalItem& item = r.items[t];
    ASSERT_EQ(item.values.size(), text.kl.size());
    for (std::size_t i = 0; i < text.kl.size(); ++i) EXPECT_NEAR(item.values[i], text.kl[i], 1e-12);
    const std::vector<double> want{text.kl_sum(), text.same, text.change,       -text.change,
                                   text.squares,  text.nll,  text.reference_nll};
    ASSERT_EQ(item.measures.size(), want.size());
    for (std::size_t m = 0; m < want.size(); ++m) {
      EXPECT_NEAR(item.measures[m].value, want[m], 1e-10) << t << " " << r.measured[m].name;
      EXPECT_EQ(item.measures[m].weight, text.n);
    }
    all.insert(all.end(), text.kl.begin(), text.kl.end());
  }
  EXPECT_GT(sum.kl_sum(), 0.1) << "the two models are too much alike for this test";
  const auto metrics = summarize(r);
  EXPECT_NEAR(metrics[0].value, sum.kl_sum() / sum.n, 1e-12);
  EXPECT_NEAR(metrics[1].value, sum.same / sum.n, 1e-12);
  EXPECT_NEAR(metrics[2].value, sum.change / sum.n, 1e-12);
  EXPECT_NEAR(metrics[3].value, std::exp((sum.nll - sum.reference_nll) / sum.n), 1e-12);
  EXPECT_NEAR(metrics[4].value, std::sqrt(sum.squares / sum.n), 1e-12);
  EXPECT_NEAR(metrics[5].value / metrics[6].value, metrics[3].value, 1e-12);
  EXPECT_LE(metrics[4].ci95.low, metrics[4].value);
  EXPECT_GE(metrics[4].ci95.high, metrics[4].value);
  std::ranges::sort(all);
  const auto quantiles = summarize_values(r);
  ASSERT_EQ(quantiles.size(), 6u);
  const std::size_t n = all.size();
  EXPECT_NEAR(quantiles[0].value, n % 2 ? all[n / 2] : (all[n / 2 - 1] + all[n / 2]) / 2, 1e-12);
  EXPECT_EQ(quantiles[5].name, "max");
  EXPECT_NEAR(quantiles[5].value, all.back(), 1e-12);
  const auto groups = summarize_groups(r);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].n, 2);
  EXPECT_EQ(groups[0].quantiles.size(), 6u);
  EXPECT_LE(groups[0].quantiles[5].value, quantiles[5].value);
}

TEST_F(DivergenceTest, PerplexitiesAreThoseOfThePerplexityTask) {
  EvalOptions o = options();
  const auto kl = summarize(evaluate_divergence(record(o), coarse_, ctx_, o));
  o.task = Task::kPerplexity;
  const auto score = [&](const Model& model) {
    return summarize(evaluate(model, ctx_, o, load_eval_data(o), nullptr))[0];
  };
  EXPECT_NEAR(kl[5].value, score(coarse_).value, 1e-12);
  EXPECT_NEAR(kl[6].value, score(original_).value, 1e-12);
  EXPECT_NEAR(kl[6].ci95.low, score(original_).ci95.low, 1e-12);
}

TEST_F(DivergenceTest, OfAModelFromItselfIsExactlyZero) {
  const EvalOptions o = options();
  const EvalResult r = evaluate_divergence(record(o), original_, ctx_, o);
  for (const EvalItem& item : r.items) {
    for (const double kl : item.values) EXPECT_EQ(kl, 0);
    EXPECT_EQ(item.measures[1].value, item.measures[1].weight);
    EXPECT_EQ(item.measures[2].value, 0);
    EXPECT_EQ(item.measures[4].value, 0);
  }
  EXPECT_EQ(summarize(r)[3].value, 1);
  // Other keys and values are another model.
  EvalOptions coarse = o;
  coarse.kv = KvFormat::kInt4;
  EXPECT_GT(running_score(evaluate_divergence(record(o), original_, ctx_, coarse)), 1e-6);
}

TEST_F(DivergenceTest, TheSameBitsForAnyBatchCacheAndStore) {
  const auto texts = random_texts(12);
  const Reference in_memory = record(texts);
  const Reference in_file = record(texts, {.memory_bytes = 0, .folder = scratch_.path()});
  EXPECT_FALSE(in_memory.in_file());
  EXPECT_TRUE(in_file.in_file());
  std::int64_t positions = 0;
  for (const ReferenceText& text : texts) positions += text.positions();
  EXPECT_EQ(in_file.positions(), positions);
  EXPECT_EQ(in_file.bytes(), positions * kVocabulary * 4);
  const EvalResult want = compare_with_reference(in_memory, coarse_, ctx_, {.kv = KvFormat::kF32});
  for (const std::int64_t batch : {1, 2, 5, 100}) {
    const EvalResult got =
        compare_with_reference(in_file, coarse_, ctx_, {.batch = batch, .kv = KvFormat::kF32});
    ASSERT_EQ(got.items.size(), want.items.size());
    for (std::size_t t = 0; t < want.items.size(); ++t) {
      EXPECT_EQ(got.items[t].values, want.items[t].values);
      EXPECT_EQ(got.items[t].values.size(), static_cast<std::size_t>(texts[t].positions()));
      EXPECT_EQ(got.items[t].info.line, texts[t].info.line);
      EXPECT_EQ(got.items[t].details, want.items[t].details);
    }
  }
}

TEST_F(DivergenceTest, StopsOnceItIsCertainToBeAboveALimit) {
  const Reference reference = record(random_texts(30));
  const auto run = [&](double limit, std::int64_t batch) {
    return compare_with_reference(reference, coarse_, ctx_,
                                  {.batch = batch, .kv = KvFormat::kF32, .stop_above = limit});
  };
  const double mean = running_score(run(1e9, 16));
  EXPECT_FALSE(run(1e9, 16).decided);
  const EvalResult stopped = run(mean / 100, 16);
  EXPECT_TRUE(stopped.decided);
  EXPECT_TRUE(stopped.partial);
  EXPECT_EQ(std::ssize(stopped.items), kMinTextsToStop);
  const EvalResult later = run(mean * 0.6, 7);
  EXPECT_GE(std::ssize(later.items), kMinTextsToStop);
  EXPECT_TRUE(later.decided);
  EXPECT_GT(summarize(later)[0].ci95.low, mean * 0.6);
  for (const std::int64_t batch : {1, 16, 64}) {
    EXPECT_EQ(run(mean * 0.6, batch).items.size(), later.items.size());
  }
}

TEST_F(DivergenceTest, StoppingLeavesThePartThatIsDone) {
  const Reference reference = record(random_texts(9));
  std::stop_source stop;
  const EvalResult r = compare_with_reference(
      reference, coarse_, ctx_, {.batch = 1, .kv = KvFormat::kF32},
      {.progress = [&](auto, auto, double) { stop.request_stop(); }, .cancel = stop.get_token()});
  EXPECT_TRUE(r.partial);
  EXPECT_FALSE(r.decided);
  EXPECT_EQ(r.items.size(), 1u);
  EXPECT_EQ(r.planned, 9);
  EXPECT_THROW(Reference(original_, ctx_, random_texts(9), {}, {.cancel = stop.get_token()}),
               Cancelled);
}

TEST_F(DivergenceTest, FromLogitsInFloat64IsAsSmallAsTheirRounding) {
  const SafetensorsFile golden(test::shared_dir() / "golden" / "stories260K.safetensors");
  const auto wide = test::elements<std::int64_t>(*golden.find("ids_0"));
  const auto want = test::elements<float>(*golden.find("logits_0"));
  ReferenceText text;
  text.passages = {{.ids = {wide.begin(), wide.end()}, .from = 1}};
  const Reference reference = record(std::vector{text});
  ASSERT_EQ(reference.positions(), std::ssize(wide) - 1);
  for (std::int64_t i = 0; i < reference.positions(); ++i) {
    const auto row =
        std::span(want).subspan(static_cast<std::size_t>(i * kVocabulary), kVocabulary);
    const PositionDivergence d = RowComparison().compare(
        row, reference.logits(i), static_cast<TokenId>(wide[static_cast<std::size_t>(i) + 1]));
    EXPECT_LT(d.kl, 1e-9);
    EXPECT_NEAR(d.logprob, d.reference_logprob, 1e-4);
  }
}

TEST_F(DivergenceTest, TakesAsManyPositionsAsWereAskedFor) {
  EvalOptions o = options();
  const auto count = [&] {
    std::int64_t n = 0;
    for (const ReferenceText& text :
         reference_texts(original_, o, std::get<std::vector<TextRow>>(load_eval_data(o).rows))) {
      n += text.positions();
    }
    return n;
  };
  const std::int64_t all = count();
  for (const std::int64_t n : {std::int64_t{1}, std::int64_t{30}, all - 1, all}) {
    o.positions = n;
    EXPECT_EQ(count(), n);
  }
  o.positions = 2 * all;
  EXPECT_EQ(count(), all);
  // The windows of a single text are the draws of its interval.
  o = options("Once upon a time, there was a little girl named Lily. She loved to play outside.",
              "data.txt");
  const EvalResult r = evaluate_divergence(record(o), coarse_, ctx_, o);
  EXPECT_GT(r.items.size(), 1u);
  EXPECT_LT(summarize(r)[0].ci95.low, summarize(r)[0].value);
}

TEST_F(DivergenceTest, RefusesModelsOfOtherTokens) {
  const Reference reference = record(random_texts(1));
  const auto run = [&](const Model& model) { compare_with_reference(reference, model, ctx_, {}); };
  // Fewer tokens than rows of the output head: the rest is padding.
  coarse_.tokenizer = std::make_shared<test::LettersTokenizer>();
  PANGU_EXPECT_ERROR(run(coarse_), ConfigError, "256 tokens", "the reference 512",
                     "same tokenizer");
  const std::vector<std::string> markers(256, "m");
  coarse_.tokenizer = std::make_shared<test::LettersTokenizer>(markers);
  PANGU_EXPECT_ERROR(run(coarse_), ConfigError, "to the reference", "to the model");
  coarse_.tokenizer = nullptr;
  EXPECT_NO_THROW(run(coarse_));
}

TEST_F(DivergenceTest, PaddingOfTheOutputHeadIsLeftOut) {
  // Models whose tokenizers know 256 of the 512 rows: the other half has no probability.
  original_.tokenizer = coarse_.tokenizer = std::make_shared<test::LettersTokenizer>();
  ReferenceText text;
  text.passages = {{.ids = {1, 65, 66, 67}, .from = 3}};
  const Reference reference = record(std::vector{text});
  EXPECT_EQ(reference.vocabulary(), 256);
  const EvalResult r = compare_with_reference(reference, coarse_, ctx_, {.kv = KvFormat::kF32});
  const auto known = [](std::vector<double> row) {
    row.resize(256);
    double sum = 0;
    for (const double x : row) sum += std::exp(x);
    for (double& x : row) x -= std::log(sum);
    return row;
  };
  PlainSums want;
  want.add(known(plain(original_, {1, 65, 66})[2]), known(plain(coarse_, {1, 65, 66})[2]), 67);
  EXPECT_NEAR(r.items[0].values.at(0), want.kl[0], 1e-12);
  EXPECT_NEAR(r.items[0].measures[5].value, want.nll, 1e-12);
}

TEST_F(DivergenceTest, SaysWhatCannotBeCompared) {
  PANGU_EXPECT_ERROR(record(std::vector<ReferenceText>()), InputError, "no text");
  ReferenceText empty;
  empty.info.line = 7;
  PANGU_EXPECT_ERROR(record(std::vector{empty}), InputError, "line 7");
  const RowStoreLimits none{.memory_bytes = 0, .file_bytes = 4096};
  PANGU_EXPECT_ERROR(record(random_texts(3), none), OutOfMemory, "room for 2");
  PANGU_EXPECT_ERROR(record(options("{\"text\":\"\"}")), InputError, "no text to score");

  // The same model with a norm that takes its hidden states beyond what a float holds.
  const auto folder = test::shared_dir() / "models" / "stories260K";
  std::filesystem::copy(folder, scratch_ / "broken");
  std::string bytes = test::read_file(folder / "model.safetensors");
  {
    const SafetensorsFile file(folder / "model.safetensors");
    const TensorView* norm = file.find("model.norm.weight");
    ASSERT_NE(norm, nullptr);
    std::fill_n(bytes.begin() + (norm->data.data() - file.bytes().data()), norm->data.size(),
                '\x7f');
  }
  std::filesystem::remove(scratch_ / "broken" / "model.safetensors");
  test::write_file(scratch_ / "broken" / "model.safetensors", bytes);
  const Model broken = load_model(scratch_ / "broken", {}, ctx_);
  const Reference reference = record(random_texts(2));
  PANGU_EXPECT_ERROR(compare_with_reference(reference, broken, ctx_, {}), NumericError, "broken",
                     "logit");
  PANGU_EXPECT_ERROR(Reference(broken, ctx_, random_texts(2), {}), NumericError, "broken", "logit");
}

}  // namespace
}  // namespace pangu::eval
