// SPDX-License-Identifier: Apache-2.0
// What recognition is worth on requests as people put them (docs/intent.md). With few draws by
// default; PANGU_INTENT_DRAWS=10 gives the figures of the documentation, PANGU_INTENT_ROWS=FOLDER
// writes the rows as files for pangu intent eval.
#include <fmt/format.h>

#include <fstream>

#include "adaptive/intent/evaluation.h"
#include "adaptive/intent/testing/real_prompts.h"
#include "adaptive/intent/train_probe.h"
#include "io/json.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

using test_data::corpus_prompts;
using test_data::real_prompts;

constexpr std::size_t kFewRows = 60;  ///< of a file, unless all are wanted

std::size_t rows_per_file() {
  return static_cast<std::size_t>(
      test::number_from("PANGU_INTENT_FILE_ROWS", static_cast<std::int64_t>(kFewRows)));
}

void write_rows(const char* name, const std::vector<LabelledRow>& rows) {
  const char* folder = std::getenv("PANGU_INTENT_ROWS");
  if (!folder) return;
  std::ofstream out(std::filesystem::path(folder) / (std::string(name) + ".jsonl"));
  for (const LabelledRow& row : rows) {
    const Json json = {{"kind", row.kind}, {"group", row.group}, {"text", row.request.text}};
    out << json_text(json) << "\n";
  }
}

class RealPrompts : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ctx_ = std::make_unique<Context>(ContextOptions{});
    model_ = std::make_unique<Model>(load_model("pangu-nano", {}, *ctx_));
  }
  static void TearDownTestSuite() {
    model_.reset();
    ctx_.reset();
  }

  void SetUp() override {
    if (test::takes_fewer()) GTEST_SKIP() << "training takes too long under sanitizers";
  }

  DrawScores draws(const std::vector<LabelledRow>& rows, int made_up) {
    const auto layers = usual_layers(model_->config().n_layers);
    FeatureReader reader(*model_, *ctx_, layers);
    TrainHeadOptions options;
    options.layers = layers;
    const LabelledFeatures all = read_labelled_features(reader, rows);
    const auto made = example_rows(made_up, 1, all.classes);
    return score_draws(
        all, read_labelled_features(reader, made, {}, all.classes),
        {.draws = static_cast<int>(test::number_from("PANGU_INTENT_DRAWS", 1)), .per_kind = 20},
        options, model_->config().hidden_size, ctx_->threads());
  }

  static std::unique_ptr<Context> ctx_;
  static std::unique_ptr<Model> model_;
};

std::unique_ptr<Context> RealPrompts::ctx_;
std::unique_ptr<Model> RealPrompts::model_;

TEST_F(RealPrompts, TwentyRowsTellMathCodeAndKnowledgeApart) {
  PANGU_NEEDS_SHARED_DATA();
  const auto rows = real_prompts(test::shared_dir() / "data/eval", {.per_file = rows_per_file()});
  write_rows("three", rows);
  const DrawScores scores = draws(rows, 0);
  fmt::print("three kinds: accuracy {:.4f}, ECE {:.4f}\n", scores.accuracy,
             scores.calibration_error);
  EXPECT_GE(scores.accuracy, 0.97);
}

TEST_F(RealPrompts, TwentyRowsTellThemApartWithMathematicsAsChoices) {
  PANGU_NEEDS_SHARED_DATA();
  const auto rows = real_prompts(test::shared_dir() / "data/eval",
                                 {.per_file = rows_per_file(), .with_mathematics = true});
  write_rows("mathematics", rows);
  const DrawScores scores = draws(rows, 60);
  fmt::print("with mathematics: accuracy {:.4f}, ECE {:.4f}\n", scores.accuracy,
             scores.calibration_error);
  EXPECT_GE(scores.accuracy, 0.95);
}

TEST_F(RealPrompts, TwentyRowsTellAllEightKindsApart) {
  PANGU_NEEDS_SHARED_DATA();
  const auto rows = real_prompts(
      test::shared_dir() / "data/eval",
      {.per_file = rows_per_file(), .with_mathematics = true, .with_built_requests = true});
  write_rows("eight", rows);
  const DrawScores scores = draws(rows, 60);
  fmt::print("eight kinds: accuracy {:.4f}, mean over kinds {:.4f}, ECE {:.4f}\n", scores.accuracy,
             scores.kind_accuracy, scores.calibration_error);
  EXPECT_GE(scores.accuracy, 0.90);
}

TEST_F(RealPrompts, TheBundledProbeKnowsPromptsOfTheCorpus) {
  const auto rows = corpus_prompts(100);
  write_rows("corpus", rows);
  const std::filesystem::path file = probe_beside(*model_);
  Recogniser recogniser(*model_, *ctx_, load_probe(file), file.string());
  const auto features =
      read_labelled_features(recogniser.reader(), rows, {}, recogniser.head().classes);
  const RecognitionScore score = score_recognition(
      recogniser.head().classes, head_probabilities(recogniser.head(), features.features),
      features.labels, recogniser.head().threshold);
  fmt::print("corpus: accuracy {:.4f}\n", score.accuracy);
  EXPECT_GE(score.accuracy, 0.95);
}

}  // namespace
}  // namespace pangu::adaptive
