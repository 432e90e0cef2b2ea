// SPDX-License-Identifier: Apache-2.0
#include "compress/regression.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <utility>

#include "base/clipped.h"
#include "base/error.h"
#include "compress/matrix.h"
#include "io/json.h"

namespace pangu::compress {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::array kRepairNames = {
    std::pair{Repair::kNone, std::string_view("none")},
    std::pair{Repair::kScale, std::string_view("scale")},
    std::pair{Repair::kRidge, std::string_view("ridge")},
    std::pair{Repair::kAuto, std::string_view("auto")},
};

/// Second moments about the mean, or about 0, of all inputs: [k, k].
Tensor moments(const InputMoments& in, bool centred, Context& ctx) {
  const std::int64_t k = in.gram.dim(0);
  Tensor g = matrix_of({in.gram.data<float>(), static_cast<std::size_t>(k * k)}, k, ctx);
  if (centred) centre(g, in.sum, in.tokens);
  return g;
}

/// Rows and columns of a matrix as Eigen has them.
Matrix taken(const Tensor& x, const Kept& rows, const Kept& columns) {
  Matrix out(std::ssize(rows), std::ssize(columns));
  for (Eigen::Index r = 0; r < out.rows(); ++r) {
    const float* const row = x.data<float>() + rows[static_cast<std::size_t>(r)] * x.stride(0);
    for (Eigen::Index c = 0; c < out.cols(); ++c) {
      out(r, c) = row[columns[static_cast<std::size_t>(c)]];
    }
  }
  return out;
}

/// (a_S)(G_SS + l I)^-1 for every row a of `targets` [rows, |S|].
Matrix solve_ridge(const Matrix& g, const Matrix& targets) {
  const double diagonal = g.diagonal().mean();
  for (double damping = 1e-4; damping < 1; damping *= 10) {
    Matrix damped = g;
    damped.diagonal().array() += damping * diagonal;
    const Eigen::LLT<Eigen::Ref<Matrix>> llt(damped);  // in place
    if (llt.info() == Eigen::Success) return llt.solve(targets.transpose()).transpose();
  }
  fail<NumericError>(
      "[prune] the regression over {} inputs has no solution: their Gram matrix is singular. Give "
      "more calibration text, or --repair scale.",
      g.rows());
}

Tensor difference(const Tensor& a, const Tensor& b, Context& ctx) {
  Tensor out = ctx.host_empty(a.shape(), DType::kF32);
  for (std::int64_t i = 0; i < a.count(); ++i) {
    out.data<float>()[i] = a.data<float>()[i] - b.data<float>()[i];
  }
  return out;
}

/// The weights of the inputs that are left; 0 elsewhere.
Tensor without_removed(const Tensor& w, const Kept& kept, Context& ctx) {
  Tensor out = ctx.host_empty(w.shape(), DType::kF32);
  std::fill_n(out.data<float>(), out.count(), 0.0f);
  for (std::int64_t r = 0; r < w.dim(0); ++r) {
    for (const std::int32_t c : kept) {
      out.data<float>()[r * w.dim(1) + c] = w.data<float>()[r * w.dim(1) + c];
    }
  }
  return out;
}

void put(const Matrix& from, const Kept& columns, const Tensor& to) {
  for (Eigen::Index r = 0; r < from.rows(); ++r) {
    for (Eigen::Index c = 0; c < from.cols(); ++c) {
      to.data<float>()[r * to.dim(1) + columns[static_cast<std::size_t>(c)]] =
          static_cast<float>(from(r, c));
    }
  }
}

/// What a constant has to add so that the mean output stays.
std::vector<float> bias_for(const Tensor& lost, const InputMoments& inputs) {
  std::vector<float> bias;
  for (std::int64_t r = 0; r < lost.dim(0); ++r) {
    double sum = 0;
    for (std::int64_t c = 0; c < lost.dim(1); ++c) {
      sum += lost.data<float>()[r * lost.dim(1) + c] * inputs.sum[static_cast<std::size_t>(c)];
    }
    bias.push_back(static_cast<float>(sum / static_cast<double>(inputs.tokens)));
  }
  return bias;
}

}  // namespace

std::string_view name(Repair repair) {
  for (const auto& [known, text] : kRepairNames) {
    if (known == repair) return text;
  }
  return "?";
}

Repair parse_repair(std::string_view text) {
  for (const auto& [repair, known] : kRepairNames) {
    if (known == text) return repair;
  }
  fail<ConfigError>(
      "[prune] there is no repair '{}'. One of none, scale, ridge, auto was expected.",
      clipped(text));
}

InputMoments input_moments(std::span<const Tensor> x, Context& ctx) {
  const ColumnSums sums = column_sums(x, ctx);
  return {.tokens = sums.tokens, .sum = sums.sum, .gram = gram(x, ctx)};
}

Repaired regress(std::span<const float> weights, std::int64_t rows, const InputMoments& inputs,
                 const Kept& kept, bool has_bias, Repair repair, Context& ctx) {
  if (repair == Repair::kAuto) {
    repair = inputs.tokens >= 4 * std::ssize(kept) ? Repair::kRidge : Repair::kScale;
  }
  const Tensor w = matrix_of(weights, rows, ctx), g = moments(inputs, has_bias, ctx);
  const Tensor cut = without_removed(w, kept, ctx), wg = times(w, g, ctx);
  const Tensor lost = difference(w, cut, ctx), lost_g = times(lost, g, ctx);
  const Tensor v = without_removed(w, kept, ctx);
  if (repair == Repair::kRidge) {
    put(solve_ridge(taken(g, kept, kept), taken(wg, all_of(rows), kept)), kept, v);
  } else if (repair == Repair::kScale) {
    const Tensor cut_g = difference(wg, lost_g, ctx);
    for (std::int64_t r = 0; r < rows; ++r) {
      const double variance = row_dot(cut_g, cut, r);
      const double factor = variance > 0 ? row_dot(cut_g, w, r) / variance : 1;
      for (std::int64_t c = 0; c < w.dim(1); ++c) {
        v.data<float>()[r * w.dim(1) + c] *= static_cast<float>(factor);
      }
    }
  }
  const Tensor left = difference(w, v, ctx), left_g = times(left, g, ctx);
  Repaired out;
  double power = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    const double before = row_dot(lost_g, lost, r), after = row_dot(left_g, left, r);
    if (after > before) {  // damping can do that
      std::copy_n(cut.data<float>() + r * w.dim(1), w.dim(1), v.data<float>() + r * w.dim(1));
      std::copy_n(lost.data<float>() + r * w.dim(1), w.dim(1), left.data<float>() + r * w.dim(1));
    }
    out.error_before += before;
    out.error_after += std::min(before, after);
    power += row_dot(wg, w, r);
  }
  if (power > 0) out.error_before /= power, out.error_after /= power;
  out.weights.assign(v.data<float>(), v.data<float>() + v.count());
  if (has_bias && repair != Repair::kNone) out.bias = bias_for(left, inputs);
  return out;
}

}  // namespace pangu::compress
