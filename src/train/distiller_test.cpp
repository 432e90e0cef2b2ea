// SPDX-License-Identifier: Apache-2.0
// A student's loss with a teacher that is run, and with cached outputs of it: the same where
// all tokens are kept, and without reading the teacher's weights the second time.
#include "train/distiller.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/random_checkpoint.h"
#include "train/decoder_objective.h"
#include "train/testing/small_data.h"

namespace pangu {
namespace {

namespace fs = std::filesystem;

/// The teacher is a shared model, the student one of two layers with random weights.
class DistillerTest : public testing::Test {
 protected:
  void SetUp() override {
    PANGU_NEEDS_SHARED_DATA();
    teacher_ = test::shared_dir() / "models/pangu-embedded-tiny";
    tokenizer_ = load_tokenizer(teacher_);
    config_ = read_model_config(teacher_);
    config_.intermediate_size.assign(2, 64);
    config_.n_layers = 2;
    test::write_random_checkpoint(scratch_ / "student", config_, DType::kF32);
    config_ = read_model_config(scratch_ / "student");
    options_.teacher = teacher_;
  }

  TeacherModel open_teacher(const fs::path& path) {
    return {
        path,
        {.config = config_, .tokenizer = *tokenizer_, .length = length_, .hidden_states = hidden_},
        ctx_};
  }

  struct Outcome {
    double loss = 0;
    std::vector<float> gradient;
    bool asked = false;
    std::int64_t run = 0, cached = 0;
  };
  /// The loss and the gradients of all of a batch.
  Outcome learn(const TokenBatch& batch) {
    TeacherModel teacher = open_teacher(teacher_);
    Distiller distiller(options_, teacher, ctx_);
    const auto objective = make_decoder_objective(
        {.config = config_, .checkpoint = scratch_ / "student", .distiller = &distiller}, ctx_);
    Outcome out;
    const auto n = static_cast<double>(batch.target_count());
    out.loss = objective->accumulate(batch, 1 / n) / n;
    EXPECT_DOUBLE_EQ(objective->evaluate(batch) / n, out.loss);
    for (const Parameter& p : objective->parameters()) {
      out.gradient.insert(out.gradient.end(), p.grad.begin(), p.grad.end());
    }
    out.asked = teacher.is_loaded();
    out.run = distiller.documents_run();
    out.cached = distiller.documents_cached();
    return out;
  }

  TokenBatch batch(std::int64_t rows, std::int64_t length = 40) const {
    const RowStream stream =
        test::stream_of(test::random_documents(12, 30, 500, 3), {.length = length});
    TokenBatch out;
    for (std::int64_t r = 0; r < rows; ++r) stream.append_row(r, out);
    return out;
  }

  static double distance(const Outcome& a, const Outcome& b) {
    double difference = 0, norm = 0;
    for (std::size_t i = 0; i < a.gradient.size(); ++i) {
      difference += std::pow(double{a.gradient[i]} - b.gradient[i], 2);
      norm += std::pow(double{b.gradient[i]}, 2);
    }
    return std::sqrt(difference / norm);
  }

  test::ScratchDir scratch_;
  fs::path teacher_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  ModelConfig config_;
  DistillOptions options_;
  std::int64_t length_ = 64;
  bool hidden_ = false;
  Context ctx_{{.threads = 2, .isa = default_isa(), .dtype = DType::kF32}};
};

TEST_F(DistillerTest, ARememberedTeacherSaysTheSame) {
  const TokenBatch rows = batch(3);
  for (const float ce : {0.0f, 0.5f}) {
    options_.mix.ce = ce;
    options_.cache.reset();
    const Outcome asked = learn(rows);
    EXPECT_GT(asked.loss, 0.0);
    EXPECT_TRUE(asked.asked);
    options_.cache = scratch_ / "whole";
    options_.top_k = 100'000;  // all 512
    const Outcome kept = learn(rows), cached = learn(rows);
    EXPECT_NEAR(kept.loss, asked.loss, 1e-5 * asked.loss);
    EXPECT_LT(distance(kept, asked), 1e-5);
    EXPECT_EQ(cached.loss, kept.loss);
    EXPECT_TRUE(cached.gradient == kept.gradient);
    EXPECT_FALSE(cached.asked) << "the weights of the teacher were read";
    EXPECT_EQ(cached.run, 0);
    EXPECT_EQ(cached.cached, 2 * std::ssize(rows.document_starts));
  }
}

TEST_F(DistillerTest, FewerTokensHaveNoGreaterLoss) {
  const TokenBatch rows = batch(3);
  const double whole = learn(rows).loss;
  double last = 0;
  for (const std::int64_t k : {1, 16, 256}) {
    options_.cache = scratch_ / std::to_string(k);
    options_.top_k = k;
    const double loss = learn(rows).loss;
    EXPECT_GT(loss, last);
    EXPECT_LT(loss, whole * (1 + 1e-6));
    last = loss;
  }
}

TEST_F(DistillerTest, WhatIsRememberedDoesNotDependOnTheBatch) {
  options_.cache = scratch_ / "one";
  options_.top_k = 32;
  const TokenBatch all = batch(4);
  const Outcome together = learn(all);
  options_.cache = scratch_ / "other";
  for (const std::int64_t rows : {1, 2, 3}) EXPECT_TRUE(learn(batch(rows)).asked);
  const Outcome apart = learn(all);
  EXPECT_EQ(apart.loss, together.loss);
  EXPECT_TRUE(apart.gradient == together.gradient);
  // Packed anew, the documents are the same.
  const Outcome packed = learn(batch(2, 64));
  EXPECT_GT(packed.cached, 0);
}

TEST_F(DistillerTest, HiddenStatesAreComparedWithoutTheHeads) {
  options_.hidden_weight = 1;
  options_.mix.kl = 0;
  const TokenBatch rows = batch(2);
  const Outcome states = learn(rows);
  options_.mix.ce = 0.25f;
  const Outcome mixed = learn(rows);
  options_.hidden_weight = 2;
  EXPECT_NEAR(learn(rows).loss - mixed.loss, states.loss, 1e-5 * states.loss);
  // Those of the student itself are its own.
  teacher_ = scratch_ / "student";
  options_.mix.ce = 0;
  EXPECT_EQ(learn(rows).loss, 0.0);
}

/// The same tokenizer, with more rows behind its 512 tokens in one of the two models.
TEST_F(DistillerTest, PaddingOfTheVocabularyMakesNoDifferenceButToItself) {
  const auto padded = [&](const char* name, std::int64_t rows) {
    ModelConfig config = config_;
    config.vocab_size = rows;
    test::write_random_checkpoint(scratch_ / name, config, DType::kF32);
    fs::copy_file(teacher_ / "tokenizer.model", scratch_ / name / "tokenizer.model");
    return scratch_ / name;
  };
  const fs::path shared = teacher_, plain = padded("plain", 512), more = padded("more", 600);
  const TokenBatch rows = batch(2);
  teacher_ = plain;
  const Outcome want = learn(rows);
  teacher_ = more;  // its first 512 rows are those of the plain one
  const Outcome got = learn(rows);
  EXPECT_EQ(got.loss, want.loss);
  EXPECT_TRUE(got.gradient == want.gradient);

  teacher_ = shared;
  const double before = learn(rows).loss;
  config_ = read_model_config(more);
  fs::remove_all(scratch_ / "student");
  fs::copy(more, scratch_ / "student");
  const Outcome asked = learn(rows);
  EXPECT_GT(asked.loss, before) << "what the student gives to padding is lost";
  options_.cache = scratch_ / "words";
  options_.top_k = 100'000;  // all 512 that both know
  EXPECT_NEAR(learn(rows).loss, asked.loss, 1e-5 * asked.loss);
}

TEST_F(DistillerTest, DigestsChangeWithWeightsAndConfig) {
  const std::string digest = open_teacher(scratch_ / "student").digest();
  EXPECT_EQ(digest.size(), 16u);
  EXPECT_EQ(open_teacher(scratch_ / "student").digest(), digest);
  EXPECT_NE(open_teacher(teacher_).digest(), digest);
  fs::copy(scratch_ / "student", scratch_ / "changed");
  std::string weights = test::read_file(scratch_ / "changed/model.safetensors");
  weights.back() ^= 1;
  test::write_file(scratch_ / "changed/model.safetensors", weights);
  EXPECT_NE(open_teacher(scratch_ / "changed").digest(), digest);
}

TEST_F(DistillerTest, TeachersThatDoNotFitAreRefused) {
  const auto variant = [&](const char* name, const auto& change) {
    ModelConfig config = config_;
    change(config);
    test::write_random_checkpoint(scratch_ / name, config, DType::kF32);
    return scratch_ / name;
  };
  const auto vocabulary = variant("vocabulary", [](ModelConfig& c) { c.vocab_size = 600; });
  PANGU_EXPECT_ERROR(open_teacher(vocabulary), ConfigError, "vocabulary", "600 tokens",
                     "the student 512", "no tokenizer", "same tokenizer");
  const auto width = variant("width", [](ModelConfig& c) { c.hidden_size *= 2; });
  EXPECT_NO_THROW(open_teacher(width));
  hidden_ = true;
  PANGU_EXPECT_ERROR(open_teacher(width), ConfigError, "hidden_size", "distill.hidden_weight to 0");
  hidden_ = false;
  length_ = config_.max_position_embeddings + 1;
  PANGU_EXPECT_ERROR(open_teacher(teacher_), ConfigError, "positions", "shorter rows");
  length_ = 64;
  PANGU_EXPECT_ERROR(open_teacher(scratch_ / "nowhere"), FileError, "nowhere");
  // The same number of tokens, with another among them; and another number.
  const auto other = variant("other", [](ModelConfig&) {});
  std::string model = test::read_file(teacher_ / "tokenizer.model");
  model.replace(model.find("the"), 3, "qqq");
  test::write_file(other / "tokenizer.model", model);
  PANGU_EXPECT_ERROR(open_teacher(other), ConfigError, "qqq", "to the teacher and",
                     "to the student", "same tokenizer");
  fs::copy_file(test::shared_dir() / "models/llama-spm-32k/tokenizer.model",
                other / "tokenizer.model", fs::copy_options::overwrite_existing);
  PANGU_EXPECT_ERROR(open_teacher(other), ConfigError, "32000 tokens, the student's 512");
}

}  // namespace
}  // namespace pangu
