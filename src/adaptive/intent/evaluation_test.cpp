// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/evaluation.h"

#include <algorithm>
#include <set>

#include "adaptive/intent/examples/examples.h"
#include "adaptive/intent/label_likelihood.h"
#include "adaptive/intent/recognition_report.h"
#include "adaptive/intent/train_probe.h"
#include "adaptive/intent/wording_noise.h"
#include "adaptive/task_kind.h"
#include "base/utf8.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

constexpr std::uint64_t kSeed = 5;

TEST(RecognitionScore, OfChoicesCountedByHand) {
  const std::vector<std::string> classes = {"a", "b", "c"};
  RowMatrix p(4, 3);
  p << 0.8, 0.1, 0.1, 0.6, 0.3, 0.1, 0.2, 0.7, 0.1, 0.5, 0.4, 0.1;
  const std::vector<int> labels = {0, 1, 1, 0};
  const RecognitionScore s = score_recognition(classes, p, labels, 0.55);
  EXPECT_DOUBLE_EQ(s.accuracy, 0.75);
  EXPECT_EQ(s.confusion[1], (std::vector<std::int64_t>{1, 1, 0}));
  EXPECT_DOUBLE_EQ(s.kinds[0].precision, 2.0 / 3);
  EXPECT_DOUBLE_EQ(s.kinds[1].recall, 0.5);
  EXPECT_DOUBLE_EQ(s.macro_f1, (0.8 + 2.0 / 3) / 2);  // "c" has no rows
  EXPECT_DOUBLE_EQ(s.coverage, 0.75);
  EXPECT_DOUBLE_EQ(s.accepted_error, 1.0 / 3);
  const std::string svg = coverage_plot(s, "four");
  EXPECT_NE(svg.find("</svg>"), std::string::npos);
  EXPECT_NE(recognition_text(s, classes).find("accuracy 0.7500"), std::string::npos);
}

TEST(Draws, LearnFromAFewExamplesWithoutTheModel) {
  ThreadPool threads(2);
  const std::vector<LabelledRow> rows = example_rows(60, kSeed);
  Context ctx(ContextOptions{.threads = 2});
  const Model model = load_model("pangu-nano", {}, ctx);
  FeatureReader reader(model, ctx, {});
  TrainHeadOptions options;
  options.blocks = kSurfaceBlock | kGramBlock;
  options.lambdas = {1e-3};
  const DrawScores s = score_draws(read_labelled_features(reader, rows), {},
                                   {.draws = 2, .per_kind = 20}, options, 1, threads);
  EXPECT_EQ(s.accuracies.size(), 2u);
  EXPECT_GT(s.accuracy, 0.6);
  EXPECT_NEAR(s.accuracy, s.kind_accuracy, 0.1);
  PANGU_EXPECT_ERROR(score_draws(read_labelled_features(reader, rows), {},
                                 {.draws = 1, .per_kind = 5000}, options, 1, threads),
                     InputError, "left to test");
}

TEST(Examples, AreTheSameEveryTimeAndCoverEveryKind) {
  const auto a = make_request_examples(70, 1), b = make_request_examples(70, 1),
             c = make_request_examples(70, 2);
  ASSERT_EQ(a.size(), 8u * 70 + 5 * 2 * 7);
  std::set<std::string> kinds, texts;
  std::size_t same = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(example_line(a[i]), example_line(b[i]));
    same += example_line(a[i]) == example_line(c[i]) ? 1 : 0;
    kinds.insert(a[i].kind);
    texts.insert(a[i].messages.back().content);
    EXPECT_EQ(a[i].messages.back().content.find("{passage}"), std::string::npos);
    EXPECT_EQ(utf8::find_invalid(a[i].messages.back().content), utf8::npos);
    EXPECT_EQ(parse_labelled_rows(example_line(a[i]), "x").size(), 1u);
  }
  EXPECT_EQ(kinds.size(), built_in_kinds().size());
  EXPECT_LT(same, a.size() / 4);
  EXPECT_GT(texts.size(), a.size() * 9 / 10);
}

TEST(WordingNoise, ChangesATenthOfTheWordsAndKeepsTextsValid) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "letter ";
  const std::string typed = with_typos(request_of(text), 3).text;
  EXPECT_EQ(typed, with_typos(request_of(text), 3).text);
  std::size_t kept = 0;
  for (std::size_t at = typed.find("letter"); at != typed.npos; at = typed.find("letter", at + 1))
    ++kept;
  EXPECT_GT(kept, 330u);
  EXPECT_LT(kept, 385u);
  for (const char* other : {"写一个函数，返回列表中所有偶数的平方。", "a", "12 + 3", "ok"}) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      EXPECT_EQ(utf8::find_invalid(with_typos(request_of(other), seed).text), utf8::npos);
    }
  }
  EXPECT_EQ(with_typos(request_of("12 + 3"), 1).text, "12 + 3");
  EXPECT_NE(with_typos(request_of("写诗"), 1).text, "");
  EXPECT_NE(paraphrased(request_of("Write code"), 0), paraphrased(request_of("Write code"), 1));
  EXPECT_TRUE(paraphrased(request_of("写代码吧"), 0).text.starts_with("你好"));
}

TEST(Recogniser, TellsKindsApartAfterTrainingAndReadsItsOwnFile) {
  if (test::takes_fewer()) GTEST_SKIP() << "training takes too long under sanitizers";
  const test::ScratchDir dir;
  Context ctx(ContextOptions{.threads = 2});
  const Model model = load_model("pangu-nano", {}, ctx);
  TrainHeadOptions options;
  options.lambdas = {1e-3};
  options.layers = {3};
  const TrainedProbe trained = train_kind_probe(model, ctx, example_rows(30, kSeed), options);
  save_probe(dir / "p.safetensors", trained.probe);
  Recogniser recogniser(model, ctx, load_probe(dir / "p.safetensors"), "p");
  int right = 0;
  const auto rows = example_rows(45, kSeed);
  for (const LabelledRow& row : rows) {
    right += recogniser.recognise(row.request).likeliest == row.kind ? 1 : 0;
  }
  EXPECT_GT(right, static_cast<int>(rows.size()) * 8 / 10);
  const Robustness r = measure_robustness(
      recogniser.head(), recogniser.reader(), std::vector<Request>{rows[0].request},
      std::vector<Features>{recogniser.reader().read(rows[0].request)});
  EXPECT_GE(r.typos, 0);
  EXPECT_LE(r.paraphrases, 1);
}

TEST(LabelLikelihood, GivesProbabilitiesOfTheBuiltInKinds) {
  Context ctx(ContextOptions{.threads = 2});
  const Model model = load_model("pangu-nano", {}, ctx);
  LabelLikelihood labels(model, ctx, {.orders = 2});
  const Recognition r = labels.recognise(request_of("Write a function that adds numbers."));
  double sum = 0;
  for (const auto& [kind, p] : r.probabilities) sum += p;
  EXPECT_NEAR(sum, 1, 1e-9);
  EXPECT_EQ(r.probabilities.size(), built_in_kinds().size());
  // A request without content is one of those that calibration makes all kinds alike for.
  const Recognition none = labels.recognise(request_of("N/A"));
  EXPECT_LT(none.confidence, 0.5);
  EXPECT_TRUE(none.is_unknown());
  PANGU_EXPECT_ERROR(LabelLikelihood(model, ctx, {.orders = 9}), ConfigError, "9 orders", "1 to 8");
}

}  // namespace
}  // namespace pangu::adaptive
