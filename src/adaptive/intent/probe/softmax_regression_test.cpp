// SPDX-License-Identifier: Apache-2.0
// Against finite differences, a slow solver of its own, and properties of the optimum.
#include "adaptive/intent/probe/softmax_regression.h"

#include <cmath>
#include <random>

#include "adaptive/intent/probe/row_space.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

struct SmallProblem {
  RowMatrix x;
  std::vector<int> labels;
  std::vector<double> weights;
  int classes;

  SoftmaxProblem with(double lambda) const {
    return {.x = x, .labels = labels, .weights = weights, .classes = classes, .lambda = lambda};
  }
};

SmallProblem random_softmax_problem(int rows, int width, int classes) {
  std::mt19937_64 random(test::seed());
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(0.2, 1.0);
  SmallProblem p{.x = RowMatrix(rows, width), .classes = classes};
  for (double& value : p.x.reshaped()) value = normal(random);
  double sum = 0;
  for (int i = 0; i < rows; ++i) {
    p.labels.push_back(i % classes);
    p.weights.push_back(uniform(random));
    sum += p.weights.back();
    p.x(i, i % classes) += 1.0;
  }
  for (double& weight : p.weights) weight /= sum;
  return p;
}

TEST(SoftmaxRegression, TheGradientIsThatOfFiniteDifferences) {
  const SmallProblem p = random_softmax_problem(12, 5, 3);
  const SoftmaxProblem problem = p.with(0.07);
  const SmoothFunction loss = softmax_loss(problem);
  Eigen::VectorXd at = Eigen::VectorXd::LinSpaced(3 * 5 + 3, -0.8, 0.9), gradient(at.size()),
                  ignored(at.size());
  loss(at, gradient);
  for (Eigen::Index i = 0; i < at.size(); ++i) {
    constexpr double kStep = 1e-5;
    Eigen::VectorXd up = at, down = at;
    up[i] += kStep, down[i] -= kStep;
    EXPECT_NEAR(gradient[i], (loss(up, ignored) - loss(down, ignored)) / (2 * kStep), 1e-8) << i;
  }
}

TEST(SoftmaxRegression, TheOptimumIsThatOfPlainGradientDescent) {
  const SmallProblem p = random_softmax_problem(30, 4, 3);
  const SoftmaxProblem problem = p.with(0.05);
  const SmoothFunction loss = softmax_loss(problem);
  Eigen::VectorXd at = Eigen::VectorXd::Zero(3 * 4 + 3), gradient(at.size());
  for (int step = 0; step < 20'000; ++step) {
    loss(at, gradient);
    at -= 0.4 * gradient;
  }
  const LinearMap map = fit_softmax(problem, nullptr, {.tolerance = 1e-9});
  for (Eigen::Index i = 0; i < map.weight.size(); ++i) {
    EXPECT_NEAR(map.weight.data()[i], at[i], 1e-5) << i;
  }
  // What does not change a probability may differ: only differences of biases count.
  for (Eigen::Index c = 1; c < 3; ++c) {
    EXPECT_NEAR(map.bias[c] - map.bias[0], at[12 + c] - at[12], 1e-5);
  }
}

TEST(SoftmaxRegression, AStartChangesNothingButTheWay) {
  const SmallProblem p = random_softmax_problem(40, 6, 4);
  const SoftmaxProblem problem = p.with(0.01), stronger = p.with(1.0);
  const LinearMap far = fit_softmax(stronger);
  const LinearMap a = fit_softmax(problem, nullptr, {.tolerance = 1e-9});
  const LinearMap b = fit_softmax(problem, &far, {.tolerance = 1e-9});
  EXPECT_LT((a.weight - b.weight).cwiseAbs().maxCoeff(), 1e-6);
  EXPECT_GT((a.weight - far.weight).cwiseAbs().maxCoeff(), 1e-2);
}

TEST(SoftmaxRegression, AWeightOfTwoIsARowTwice) {
  SmallProblem once = random_softmax_problem(9, 3, 3);
  once.weights.assign(9, 1.0 / 10);
  once.weights[4] = 2.0 / 10;
  SmallProblem twice = once;
  twice.x.conservativeResize(10, 3);
  twice.x.row(9) = twice.x.row(4);
  twice.labels.push_back(twice.labels[4]);
  twice.weights.assign(10, 1.0 / 10);
  const SoftmaxProblem one = once.with(0.02), two = twice.with(0.02);
  EXPECT_LT((fit_softmax(one).weight - fit_softmax(two).weight).cwiseAbs().maxCoeff(), 1e-5);
}

TEST(RowSpace, GivesTheSameWeightsInFewerDimensions) {
  const SmallProblem p = random_softmax_problem(9, 40, 3);
  const SoftmaxProblem problem = p.with(0.03);
  const RowSpace space(p.x);
  EXPECT_EQ(space.examples().cols(), 9);
  SmallProblem folded = p;
  folded.x = space.examples();
  const SoftmaxProblem small = folded.with(0.03);
  const LinearMap a = fit_softmax(problem, nullptr, {.tolerance = 1e-9});
  const LinearMap b = space.unfolded(fit_softmax(small, nullptr, {.tolerance = 1e-9}));
  EXPECT_LT((a.weight - b.weight).cwiseAbs().maxCoeff(), 1e-5);
  const SmallProblem other = random_softmax_problem(5, 40, 3);
  const LinearMap of_small = fit_softmax(small, nullptr, {.tolerance = 1e-9});
  EXPECT_LT((a.logits(other.x) - of_small.logits(space.projected(other.x))).cwiseAbs().maxCoeff(),
            1e-4);
}

TEST(SoftmaxRegression, SizesThatDoNotFitAreRefused) {
  SmallProblem p = random_softmax_problem(6, 2, 2);
  p.labels.pop_back();
  const SoftmaxProblem problem = p.with(1);
  PANGU_EXPECT_ERROR(fit_softmax(problem), ShapeError, "6 rows, 5 labels");
}

TEST(SoftmaxRegression, ProbabilitiesSumToOneHoweverLargeTheLogits) {
  RowMatrix logits(2, 3);
  logits << 1000, 999, -1000, -5, -5, -5;
  const RowMatrix p = softmax_rows(logits, 0.5);
  EXPECT_NEAR(p.row(0).sum(), 1, 1e-12);
  EXPECT_NEAR(p(0, 0), 1 / (1 + std::exp(-2.0)), 1e-12);
  EXPECT_NEAR(p(1, 2), 1.0 / 3, 1e-12);
}

TEST(Lbfgs, FindsTheBottomOfACurvedValley) {
  // Rosenbrock's function is not convex, yet its only stationary point is (1, 1).
  const SmoothFunction f = [](const Eigen::VectorXd& x, Eigen::Ref<Eigen::VectorXd> g) {
    const double a = 1 - x[0], b = x[1] - x[0] * x[0];
    g[0] = -2 * a - 400 * x[0] * b;
    g[1] = 200 * b;
    return a * a + 100 * b * b;
  };
  const LbfgsResult best = minimize(f, Eigen::Vector2d(-1.2, 1), {.max_iterations = 500});
  EXPECT_NEAR(best.x[0], 1, 1e-4);
  EXPECT_NEAR(best.x[1], 1, 1e-4);
}

TEST(Lbfgs, RefusesAStartWithoutAValue) {
  const SmoothFunction f = [](const Eigen::VectorXd&, Eigen::Ref<Eigen::VectorXd> g) {
    g.setZero();
    return std::nan("");
  };
  PANGU_EXPECT_ERROR(minimize(f, Eigen::VectorXd::Zero(2)), NumericError,
                     "where the search begins");
}

}  // namespace
}  // namespace pangu::adaptive
