// SPDX-License-Identifier: Apache-2.0
#include "compress/sparsegpt.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/matmul.h"

namespace pangu::compress {
namespace {

using SquareMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic>;
constexpr std::int64_t kBlock = 128;

/// U, upper triangular, with Uᵀ U the inverse of the damped moments; f32 [k, k]. With J reversing
/// the order, H = (J L J)(J Lᵀ J) for the Cholesky factor L of J H J, and U is the inverse of J L
/// J.
Tensor inverse_factor(const Tensor& gram, std::int64_t tokens, Context& ctx) {
  const std::int64_t k = gram.dim(0);
  SquareMatrix reversed(k, k);
  double diagonal = 0;
  for (std::int64_t i = 0; i < k; ++i) {
    for (std::int64_t j = 0; j < k; ++j) {
      reversed(k - 1 - i, k - 1 - j) =
          2.0 * gram.data<float>()[i * k + j] / static_cast<double>(tokens);
    }
    double& own = reversed(k - 1 - i, k - 1 - i);
    if (own == 0) own = 1;  // an input that is always 0
    diagonal += own;
  }
  diagonal /= static_cast<double>(k);
  for (double damping = 0.01; damping < 100; damping *= 10) {
    SquareMatrix factor = reversed;
    factor.diagonal().array() += damping * diagonal;
    const Eigen::LLT<Eigen::Ref<SquareMatrix>> llt(factor);  // in place
    if (llt.info() != Eigen::Success) continue;
    SquareMatrix inverse = SquareMatrix::Identity(k, k);
    factor.triangularView<Eigen::Lower>().solveInPlace(inverse);
    Tensor u = ctx.host_empty({k, k}, DType::kF32);
    for (std::int64_t i = 0; i < k; ++i) {
      for (std::int64_t j = 0; j < k; ++j) {
        u.data<float>()[i * k + j] =
            j < i ? 0.0f : static_cast<float>(inverse(k - 1 - i, k - 1 - j));
      }
    }
    return u;
  }
  fail<NumericError>(
      "[prune] the second moments of {} inputs cannot be inverted. Is the calibration text sound? "
      "More of it may help.",
      k);
}

/// Works through a matrix a block of columns at a time.
class Sweep {
 public:
  Sweep(std::span<float> weights, std::int64_t rows, const Tensor& u, const Sparsity& sparsity,
        Context& ctx)
      : w_(weights.data()),
        rows_(rows),
        k_(std::ssize(weights) / rows),
        u_(u.data<float>()),
        sparsity_(sparsity),
        ctx_(ctx) {}

  void run() {
    // A pattern's groups do not cross blocks.
    const std::int64_t group = sparsity_.pattern ? sparsity_.pattern->of : 1;
    const std::int64_t block = kBlock / group * group > 0 ? kBlock / group * group : group;
    for (std::int64_t begin = 0; begin < k_; begin += block) {
      const std::int64_t end = std::min(begin + block, k_);
      const double threshold = sparsity_.pattern ? 0 : block_threshold(begin, end);
      residuals_.assign(static_cast<std::size_t>(rows_ * (end - begin)), 0.0f);
      ctx_.threads().parallel_for(rows_, 8, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t r = first; r < last; ++r) sweep_row(r, begin, end, threshold);
      });
      update_behind(begin, end);
    }
  }

 private:
  float u(std::int64_t i, std::int64_t j) const { return u_[i * k_ + j]; }

  /// What the output loses without a weight.
  double score(float w, std::int64_t column) const {
    const double ratio = double{w} / u(column, column);
    return ratio * ratio;
  }

  /// Scores up to it go: a share of the block over all rows.
  double block_threshold(std::int64_t begin, std::int64_t end) const {
    std::vector<double> scores;
    scores.reserve(static_cast<std::size_t>(rows_ * (end - begin)));
    for (std::int64_t r = 0; r < rows_; ++r) {
      for (std::int64_t c = begin; c < end; ++c) scores.push_back(score(w_[r * k_ + c], c));
    }
    const auto remove =
        static_cast<std::ptrdiff_t>(sparsity_.ratio * static_cast<double>(scores.size()));
    if (remove == 0) return -1;
    const auto nth = scores.begin() + (remove - 1);
    std::ranges::nth_element(scores, nth);
    return *nth;
  }

  void sweep_row(std::int64_t r, std::int64_t begin, std::int64_t end, double threshold) {
    float* const row = w_ + r * k_;
    float* const residuals = residuals_.data() + r * (end - begin);
    std::vector<bool> goes(static_cast<std::size_t>(end - begin), false);
    if (!sparsity_.pattern) {
      for (std::int64_t c = begin; c < end; ++c) {
        goes[static_cast<std::size_t>(c - begin)] = score(row[c], c) <= threshold;
      }
    }
    for (std::int64_t c = begin; c < end; ++c) {
      if (sparsity_.pattern && (c - begin) % sparsity_.pattern->of == 0) {
        mark_group(row, c, begin, end, goes);
      }
      if (!goes[static_cast<std::size_t>(c - begin)]) continue;
      const float residual = row[c] / u(c, c);
      for (std::int64_t j = c; j < end; ++j) row[j] -= residual * u(c, j);
      row[c] = 0;
      residuals[c - begin] = residual;
    }
  }

  /// Of the group from column c on, the least important as the weights are now.
  void mark_group(const float* row, std::int64_t c, std::int64_t begin, std::int64_t end,
                  std::vector<bool>& goes) const {
    const SparsePattern& p = *sparsity_.pattern;
    if (c + p.of > end) return;
    std::vector<std::int64_t> order;
    for (std::int64_t j = c; j < c + p.of; ++j) order.push_back(j);
    std::ranges::stable_sort(order, {}, [&](std::int64_t j) { return score(row[j], j); });
    for (std::int64_t i = 0; i < p.of - p.keep; ++i) {
      goes[static_cast<std::size_t>(order[static_cast<std::size_t>(i)] - begin)] = true;
    }
  }

  /// Columns behind the block take over: W[:, end:] -= R U[begin:end, end:].
  void update_behind(std::int64_t begin, std::int64_t end) {
    if (end == k_) return;
    for (float& r : residuals_) r = -r;
    ops::host_matmul({.data = residuals_.data(), .row_stride = end - begin},
                     {.data = u_ + begin * k_ + end, .row_stride = k_}, w_ + end, k_, rows_,
                     k_ - end, end - begin, true, ctx_.executor());
  }

  float* w_;
  std::int64_t rows_, k_;
  const float* u_;
  const Sparsity& sparsity_;
  Context& ctx_;
  std::vector<float> residuals_;  ///< [rows, columns of the block]
};

}  // namespace

void sparsegpt(std::span<float> weights, std::int64_t rows, const InputMoments& inputs,
               const Sparsity& sparsity, Context& ctx) {
  const std::int64_t k = std::ssize(weights) / rows;
  for (std::int64_t c = 0; c < k; ++c) {
    if (inputs.gram.data<float>()[c * k + c] != 0) continue;
    for (std::int64_t r = 0; r < rows; ++r) weights[static_cast<std::size_t>(r * k + c)] = 0;
  }
  const Tensor u = inverse_factor(inputs.gram, inputs.tokens, ctx);
  Sweep(weights, rows, u, sparsity, ctx).run();
}

}  // namespace pangu::compress
