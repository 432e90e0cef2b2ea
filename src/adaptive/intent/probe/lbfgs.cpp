// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/probe/lbfgs.h"

#include <cmath>
#include <deque>
#include <utility>

#include "base/error.h"

namespace pangu::adaptive {
namespace {

constexpr double kEnoughFall = 1e-4;  ///< of what the slope promises (Armijo)
constexpr int kMostHalvings = 40;

/// A step and how the gradient changed along it.
struct CurvaturePair {
  Eigen::VectorXd step, change;
  double inverse;  ///< 1 / (step . change)
};

/// -H g, H being the inverse Hessian that the pairs tell of.
Eigen::VectorXd descent(const Eigen::VectorXd& gradient, const std::deque<CurvaturePair>& pairs) {
  Eigen::VectorXd direction = -gradient;
  std::vector<double> alphas(pairs.size());
  for (std::size_t i = pairs.size(); i-- > 0;) {
    alphas[i] = pairs[i].inverse * pairs[i].step.dot(direction);
    direction -= alphas[i] * pairs[i].change;
  }
  if (!pairs.empty()) {
    const CurvaturePair& last = pairs.back();
    direction *= 1 / (last.inverse * last.change.squaredNorm());
  }
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const double beta = pairs[i].inverse * pairs[i].change.dot(direction);
    direction += (alphas[i] - beta) * pairs[i].step;
  }
  return direction;
}

void remember(std::deque<CurvaturePair>& pairs, Eigen::VectorXd step, Eigen::VectorXd change,
              int memory) {
  const double curvature = step.dot(change);
  // A pair without curvature is rounding; it would spoil the directions to come.
  if (!(curvature > 1e-12 * step.norm() * change.norm())) return;
  pairs.push_back({std::move(step), std::move(change), 1 / curvature});
  if (static_cast<int>(pairs.size()) > memory) pairs.pop_front();
}

}  // namespace

LbfgsResult minimize(const SmoothFunction& f, Eigen::VectorXd start, const LbfgsOptions& options) {
  LbfgsResult at{.x = std::move(start)};
  Eigen::VectorXd gradient(at.x.size()), next_gradient(at.x.size()), next;
  at.value = f(at.x, gradient);
  if (!std::isfinite(at.value)) {
    fail<NumericError>(
        "[minimize] the function is {} where the search begins. A finite value was expected.",
        at.value);
  }
  std::deque<CurvaturePair> pairs;
  for (;; ++at.iterations) {
    at.gradient = at.x.size() > 0 ? gradient.cwiseAbs().maxCoeff() : 0;
    if (at.gradient <= options.tolerance || at.iterations == options.max_iterations) return at;
    const Eigen::VectorXd direction = descent(gradient, pairs);
    const double slope = gradient.dot(direction);
    double step = pairs.empty() ? std::min(1.0, 1 / gradient.norm()) : 1.0;
    double value = 0;
    int halvings = 0;
    for (; halvings < kMostHalvings; ++halvings, step /= 2) {
      next = at.x + step * direction;
      value = f(next, next_gradient);
      if (std::isfinite(value) && value <= at.value + kEnoughFall * step * slope) break;
    }
    if (halvings == kMostHalvings) return at;
    remember(pairs, next - at.x, next_gradient - gradient, options.memory);
    at.x.swap(next);
    gradient.swap(next_gradient);
    at.value = value;
  }
}

}  // namespace pangu::adaptive
