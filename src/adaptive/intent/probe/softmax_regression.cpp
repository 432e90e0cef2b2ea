// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/probe/softmax_regression.h"

#include <cmath>
#include <utility>

#include "base/error.h"

namespace pangu::adaptive {
namespace {

using RowMap = Eigen::Map<RowMatrix>;
using ConstRowMap = Eigen::Map<const RowMatrix>;

void check_problem(const SoftmaxProblem& p) {
  const auto n = static_cast<std::size_t>(p.x.rows());
  if (n > 0 && p.classes > 0 && p.labels.size() == n && p.weights.size() == n) return;
  fail<ShapeError>(
      "[softmax] {} rows, {} labels, {} weights and {} classes. One label and one weight for each "
      "row and at least one class were expected.",
      n, p.labels.size(), p.weights.size(), p.classes);
}

/// Turns logits into weight * (p - one-hot) and returns the weighted mean of -log p(label).
double to_residuals(RowMatrix& logits, const SoftmaxProblem& p) {
  double loss = 0;
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    auto row = logits.row(i);
    const auto at = static_cast<std::size_t>(i);
    const double highest = row.maxCoeff(), of_label = row[p.labels[at]] - highest;
    row = (row.array() - highest).exp();
    const double sum = row.sum();
    loss += p.weights[at] * (std::log(sum) - of_label);
    row *= p.weights[at] / sum;
    row[p.labels[at]] -= p.weights[at];
  }
  return loss;
}

}  // namespace

SmoothFunction softmax_loss(const SoftmaxProblem& problem) {
  check_problem(problem);
  return [&problem](const Eigen::VectorXd& at, Eigen::Ref<Eigen::VectorXd> gradient) {
    const Eigen::Index classes = problem.classes, width = problem.x.cols();
    const ConstRowMap weight(at.data(), classes, width);
    const auto bias = at.tail(classes);
    RowMatrix residuals = (problem.x * weight.transpose()).rowwise() + bias.transpose();
    const double loss = to_residuals(residuals, problem);
    RowMap slope(gradient.data(), classes, width);
    slope.noalias() = residuals.transpose() * problem.x;
    slope += problem.lambda * weight;
    gradient.tail(classes) = residuals.colwise().sum();
    return loss + problem.lambda / 2 * weight.squaredNorm();
  };
}

LinearMap fit_softmax(const SoftmaxProblem& problem, const LinearMap* start,
                      const LbfgsOptions& options) {
  check_problem(problem);
  const Eigen::Index classes = problem.classes, width = problem.x.cols();
  Eigen::VectorXd at = Eigen::VectorXd::Zero(classes * width + classes);
  if (start && start->weight.rows() == classes && start->weight.cols() == width) {
    RowMap(at.data(), classes, width) = start->weight;
    at.tail(classes) = start->bias;
  }
  const LbfgsResult best = minimize(softmax_loss(problem), std::move(at), options);
  return {ConstRowMap(best.x.data(), classes, width), best.x.tail(classes)};
}

RowMatrix softmax_rows(const RowMatrix& logits, double temperature) {
  RowMatrix p = logits / temperature;
  for (Eigen::Index i = 0; i < p.rows(); ++i) {
    auto row = p.row(i);
    row = (row.array() - row.maxCoeff()).exp();
    row /= row.sum();
  }
  return p;
}

}  // namespace pangu::adaptive
