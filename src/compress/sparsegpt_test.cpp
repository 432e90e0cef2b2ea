// SPDX-License-Identifier: Apache-2.0
// Sparsity of one linear layer against figures of an independent program in double precision, and
// of whole models against what was asked for.
#include "compress/sparsegpt.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "compress/evidence.h"
#include "compress/matrix.h"
#include "compress/sparsify.h"
#include "compress/testing/small_model.h"
#include "tests/support/linear_problem.h"

namespace pangu::compress {
namespace {

using pangu::test::linear_problem::kIn;
using pangu::test::linear_problem::kOut;
using pangu::test::linear_problem::kTokens;
using pangu::test::linear_problem::make_problem;
using pangu::test::linear_problem::Matrix;
using pangu::test::linear_problem::norm_of_outputs;
using pangu::test::linear_problem::Problem;

std::vector<float> floats(const Matrix& m) {
  return {m.values.begin(), m.values.end()};
}

/// Output error on held-out inputs of the layer after `prune` changed its weights.
double error_after(
    const std::function<void(std::vector<float>&, const InputMoments&, Context&)>& prune) {
  static const Problem problem = make_problem();
  Context ctx = test::make_context();
  const InputMoments moments =
      input_moments({{matrix_of(floats(problem.calibration), kTokens, ctx)}}, ctx);
  std::vector<float> weights = floats(problem.weights);
  prune(weights, moments, ctx);
  Matrix difference{kOut, kIn};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    difference.values[i] = weights[i] - problem.weights.values[i];
  }
  return norm_of_outputs(problem.inputs, difference) /
         norm_of_outputs(problem.inputs, problem.weights);
}

double sparsegpt_error(const Sparsity& sparsity) {
  return error_after([&](std::vector<float>& w, const InputMoments& moments, Context& ctx) {
    sparsegpt(w, kOut, moments, sparsity, ctx);
  });
}

TEST(SparseGpt, LosesAsMuchAsTheReferenceProgram) {
  EXPECT_NEAR(sparsegpt_error({.ratio = 0.5}), 0.0717, 0.05 * 0.0717);
  EXPECT_NEAR(sparsegpt_error({.ratio = 0.3}), 0.0247, 0.05 * 0.0247);
  EXPECT_NEAR(sparsegpt_error({.pattern = SparsePattern{2, 4}}), 0.1107, 0.05 * 0.1107);
}

TEST(SparseGpt, RemovesWhatIsAskedFor) {
  error_after([](std::vector<float>& w, const InputMoments& moments, Context& ctx) {
    sparsegpt(w, kOut, moments, {.ratio = 0.5}, ctx);
    EXPECT_NEAR(static_cast<double>(std::ranges::count(w, 0.0f)), 0.5 * kOut * kIn, kIn);
  });
  error_after([](std::vector<float>& w, const InputMoments& moments, Context& ctx) {
    sparsegpt(w, kOut, moments, {.pattern = SparsePattern{3, 8}}, ctx);
    for (std::size_t i = 0; i < w.size(); i += 8) {
      EXPECT_GE(std::count(w.begin() + static_cast<std::ptrdiff_t>(i),
                           w.begin() + static_cast<std::ptrdiff_t>(i + 8), 0.0f),
                5);
    }
  });
}

TEST(SparseGpt, DoesNotDependOnThreads) {
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2}) {
    Context ctx{{.threads = threads, .isa = default_isa(), .dtype = DType::kF32}};
    const Problem problem = make_problem();
    const InputMoments moments =
        input_moments({{matrix_of(floats(problem.calibration), kTokens, ctx)}}, ctx);
    results.push_back(floats(problem.weights));
    sparsegpt(results.back(), kOut, moments, {.ratio = 0.4}, ctx);
  }
  EXPECT_EQ(results[0], results[1]);
}

TEST(SparseGpt, InputsThatAreAlwaysZeroLoseTheirWeights) {
  Context ctx = test::make_context();
  std::vector<float> x(32 * 8, 0.0f), w(2 * 8, 1.0f);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (i % 8 != 3) x[i] = std::sin(static_cast<float>(i * i));
  }
  sparsegpt(w, 2, input_moments({{matrix_of(x, 32, ctx)}}, ctx), {.ratio = 0.2}, ctx);
  EXPECT_EQ(w[3], 0.0f);
  EXPECT_EQ(w[11], 0.0f);
}

class SparsifyTest : public ::testing::Test {
 protected:
  SparsifyTest() {
    test::write_model(scratch_ / "model", test::small_config(), ctx_);
    model_.emplace(scratch_ / "model");
    calibration_.sequences = test::random_text(70, 4, 32);
  }

  SparsifyResult run(WeightMethod method, const Sparsity& sparsity,
                     SparseScope scope = SparseScope::kMatrix) {
    return sparsify({.config = model_->config,
                     .source = *model_->source,
                     .calibration = &calibration_,
                     .method = method,
                     .scope = scope,
                     .sparsity = sparsity,
                     .progress = {}},
                    ctx_);
  }

  Context ctx_ = test::make_context();
  test::ScratchDir scratch_;
  std::optional<test::SmallModel> model_;
  Calibration calibration_;
};

TEST_F(SparsifyTest, EveryMethodReachesTheShareInEveryMatrix) {
  for (const auto method : {WeightMethod::kMagnitude, WeightMethod::kWanda,
                            WeightMethod::kSparseGpt, WeightMethod::kRandom}) {
    const SparsifyResult r = run(method, {.ratio = 0.25});
    ASSERT_EQ(r.matrices.size(), 4u * 7u);
    for (const SparseMatrix& m : r.matrices) {
      EXPECT_NEAR(static_cast<double>(m.zeros) / static_cast<double>(m.weights), 0.25, 0.02)
          << name(method) << " " << m.name;
      EXPECT_TRUE(r.edits.contains(m.name));
    }
  }
}

TEST_F(SparsifyTest, PatternsHoldInEveryRow) {
  for (const auto method : {WeightMethod::kMagnitude, WeightMethod::kSparseGpt}) {
    const SparsifyResult r = run(method, {.pattern = SparsePattern{2, 4}});
    for (const auto& [name, values] : r.edits) {
      for (std::size_t i = 0; i + 4 <= values.size(); i += 4) {
        EXPECT_GE(std::count(values.begin() + static_cast<std::ptrdiff_t>(i),
                             values.begin() + static_cast<std::ptrdiff_t>(i + 4), 0.0f),
                  2)
            << name;
      }
    }
  }
}

/// One threshold for all: every weight that stays is larger than every one that goes.
TEST_F(SparsifyTest, TheModelScopeHasOneThreshold) {
  const SparsifyResult r = run(WeightMethod::kMagnitude, {.ratio = 0.3}, SparseScope::kModel);
  std::int64_t zeros = 0, weights = 0;
  float smallest_kept = INFINITY, largest_gone = 0;
  for (const SparseMatrix& m : r.matrices) {
    zeros += m.zeros, weights += m.weights;
    const TensorSpec matrix = find_tensor(model_->config, m.name).value();
    const auto before = read_matrix(*model_->source, matrix, ctx_.threads());
    const std::vector<float>& after = r.edits.at(m.name);
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (after[i] != 0) smallest_kept = std::min(smallest_kept, std::fabs(after[i]));
      if (after[i] == 0) largest_gone = std::max(largest_gone, std::fabs(before[i]));
    }
  }
  EXPECT_NEAR(static_cast<double>(zeros) / static_cast<double>(weights), 0.3, 1e-3);
  EXPECT_GT(smallest_kept, largest_gone);
  EXPECT_THROW(run(WeightMethod::kRandom, {.ratio = 0.3}, SparseScope::kModel), ConfigError);
}

TEST(SparsePattern, IsReadOrRefused) {
  EXPECT_EQ(parse_sparse_pattern("2:4").keep, 2);
  EXPECT_EQ(parse_sparse_pattern("4:8").of, 8);
  for (const char* text : {"", "2", "2:", ":4", "4:4", "0:4", "5:4", "2:4:8", "a:b", "2:1000"}) {
    EXPECT_THROW(parse_sparse_pattern(text), ConfigError) << text;
  }
}

}  // namespace
}  // namespace pangu::compress
