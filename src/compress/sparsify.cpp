// SPDX-License-Identifier: Apache-2.0
#include "compress/sparsify.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <span>
#include <utility>

#include "base/clipped.h"
#include "base/counter_rng.h"
#include "base/error.h"
#include "base/hash.h"
#include "compress/evidence.h"
#include "compress/matrix.h"
#include "models/layer_walk.h"

namespace pangu::compress {
namespace {

constexpr std::array kWeightMethods = {
    std::pair{WeightMethod::kMagnitude, std::string_view("magnitude")},
    std::pair{WeightMethod::kWanda, std::string_view("wanda")},
    std::pair{WeightMethod::kSparseGpt, std::string_view("sparsegpt")},
    std::pair{WeightMethod::kRandom, std::string_view("random")},
};
constexpr std::array kScopes = {
    std::pair{SparseScope::kMatrix, std::string_view("matrix")},
    std::pair{SparseScope::kRow, std::string_view("row")},
    std::pair{SparseScope::kModel, std::string_view("model")},
};

/// Zeroes the `n` weights with the lowest scores of a list; of equal ones the first. `sorted` is
/// memory to work in.
void zero_lowest(std::span<float> weights, std::span<const float> scores, std::size_t n,
                 std::vector<float>& sorted) {
  if (n == 0) return;
  sorted.assign(scores.begin(), scores.end());
  const auto nth = sorted.begin() + static_cast<std::ptrdiff_t>(n - 1);
  std::ranges::nth_element(sorted, nth);
  const auto below =
      static_cast<std::size_t>(std::ranges::count_if(scores, [&](float s) { return s < *nth; }));
  std::size_t ties = n - below;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (scores[i] < *nth || (scores[i] == *nth && ties > 0)) {
      if (scores[i] == *nth) --ties;
      weights[i] = 0;
    }
  }
}

void zero_by_pattern(std::span<float> row, std::span<const float> scores, const SparsePattern& p,
                     std::vector<float>& sorted) {
  const auto of = static_cast<std::size_t>(p.of);
  for (std::size_t first = 0; first + of <= row.size(); first += of) {
    zero_lowest(row.subspan(first, of), scores.subspan(first, of),
                static_cast<std::size_t>(p.of - p.keep), sorted);
  }
}

/// The magnitude below which a share of all weights lies. Two passes over the model: magnitudes are
/// in the order of their bits, whose upper halves are counted first.
class ModelThreshold {
 public:
  using EachMatrix = std::function<void(const std::function<void(std::span<const float>)>&)>;

  static float find(double ratio, const EachMatrix& each) {
    std::vector<std::int64_t> upper(1 << 16);
    std::int64_t total = 0;
    each([&](std::span<const float> weights) {
      for (const float w : weights) ++upper[bits(w) >> 16];
      total += std::ssize(weights);
    });
    auto remove = static_cast<std::int64_t>(ratio * static_cast<double>(total));
    if (remove == 0) return -1;
    std::uint32_t bin = 0;
    while (remove > upper[bin]) remove -= upper[bin++];
    std::vector<std::int64_t> lower(1 << 16);
    each([&](std::span<const float> weights) {
      for (const float w : weights) {
        if (bits(w) >> 16 == bin) ++lower[bits(w) & 0xFFFF];
      }
    });
    std::uint32_t low = 0;
    while (remove > lower[low]) remove -= lower[low++];
    return std::bit_cast<float>(bin << 16 | low);
  }

 private:
  static std::uint32_t bits(float w) { return std::bit_cast<std::uint32_t>(std::fabs(w)); }
};

class Sparsifier {
 public:
  Sparsifier(const SparsifyJob& job, Context& ctx) : job_(job), ctx_(ctx) {}

  SparsifyResult run() {
    if (needs_calibration(job_.method)) {
      walk();
    } else {
      if (job_.scope == SparseScope::kModel && !job_.sparsity.pattern) find_threshold();
      for (std::int64_t l = 0; l < job_.config.n_layers; ++l) {
        for (const TensorSpec& m : matrices_of(l)) zero(m, nullptr);
        if (job_.progress) job_.progress("pruning", l + 1, job_.config.n_layers);
      }
    }
    return std::move(out_);
  }

 private:
  std::vector<TensorSpec> matrices_of(std::int64_t l) const {
    return unit_matrices(job_.config, Unit::kLayers, l);
  }

  void find_threshold() {
    threshold_ = ModelThreshold::find(
        job_.sparsity.ratio, [&](const std::function<void(std::span<const float>)>& visit) {
          for (std::int64_t l = 0; l < job_.config.n_layers; ++l) {
            for (const TensorSpec& m : matrices_of(l)) {
              visit(read_matrix(job_.source, m, ctx_.threads()));
            }
          }
        });
  }

  /// Each matrix is looked at with the inputs it has once those before it are sparse.
  void walk() {
    const auto walk = walk_layers(job_.config, job_.source, job_.calibration->texts(), ctx_);
    while (walk->next_layer()) {
      for (; walk->stage() != TensorInput::kNone; walk->advance()) replace(*walk);
      if (job_.progress) job_.progress("pruning", walk->layer() + 1, job_.config.n_layers);
    }
  }

  /// Sparsifies the matrices that the walk has come to, and puts them in their place.
  void replace(LayerWalk& walk) {
    const InputMoments moments = input_moments(walk.stage_inputs(), ctx_);
    std::vector<PackedMatrix>& parts = walk.linear().parts;
    parts.clear();
    for (const TensorSpec& m : fused_matrices(job_.config, walk.layer(), walk.stage())) {
      parts.push_back(packed_matrix(zero(m, &moments), m.k, ctx_));
    }
  }

  /// One matrix. The result is kept as an edit.
  const std::vector<float>& zero(const TensorSpec& m, const InputMoments* inputs) {
    std::vector<float>& weights = out_.edits[m.name];
    weights = read_matrix(job_.source, m, ctx_.threads());
    if (job_.method == WeightMethod::kSparseGpt) {
      sparsegpt(weights, m.rows, *inputs, job_.sparsity, ctx_);
    } else {
      zero_by_score(weights, scores(weights, m, inputs), m);
    }
    out_.matrices.push_back({m.name, std::ranges::count(weights, 0.0f), std::ssize(weights)});
    return weights;
  }

  std::vector<float> scores(const std::vector<float>& weights, const TensorSpec& m,
                            const InputMoments* inputs) const {
    std::vector<float> out(weights.size());
    const std::uint64_t seed = job_.seed ^ fnv1a(m.name);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto column = static_cast<std::int64_t>(i) % m.k;
      if (weights[i] == 0) {
        out[i] = -1;  // gone already
      } else if (job_.method == WeightMethod::kRandom) {
        out[i] = static_cast<float>(uniform(seed, i, RandomStream::kPruningScore));
      } else if (job_.method == WeightMethod::kWanda) {
        out[i] =
            std::fabs(weights[i]) * std::sqrt(inputs->gram.data<float>()[column * m.k + column]);
      } else {
        out[i] = std::fabs(weights[i]);
      }
    }
    return out;
  }

  void zero_by_score(std::vector<float>& weights, const std::vector<float>& scores,
                     const TensorSpec& m) const {
    const bool by_row = job_.scope == SparseScope::kRow || job_.method == WeightMethod::kWanda;
    if (!job_.sparsity.pattern && threshold_) {
      for (float& w : weights) {
        if (std::fabs(w) <= *threshold_) w = 0;
      }
      return;
    }
    if (!job_.sparsity.pattern && !by_row) {
      std::vector<float> sorted;
      zero_lowest(
          weights, scores,
          static_cast<std::size_t>(job_.sparsity.ratio * static_cast<double>(weights.size())),
          sorted);
      return;
    }
    ctx_.threads().parallel_for(m.rows, 8, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> sorted;
      for (std::int64_t r = begin; r < end; ++r) {
        const auto first = static_cast<std::size_t>(r * m.k), k = static_cast<std::size_t>(m.k);
        const auto row = std::span(weights).subspan(first, k);
        const auto of_row = std::span(scores).subspan(first, k);
        if (job_.sparsity.pattern) {
          zero_by_pattern(row, of_row, *job_.sparsity.pattern, sorted);
        } else {
          zero_lowest(row, of_row,
                      static_cast<std::size_t>(job_.sparsity.ratio * static_cast<double>(m.k)),
                      sorted);
        }
      }
    });
  }

  const SparsifyJob& job_;
  Context& ctx_;
  std::optional<float> threshold_;  ///< of all weights of the model
  SparsifyResult out_;
};

}  // namespace

std::string_view name(WeightMethod method) {
  return std::ranges::find(kWeightMethods, method, [](const auto& m) { return m.first; })->second;
}

WeightMethod parse_weight_method(std::string_view text) {
  for (const auto& [method, known] : kWeightMethods) {
    if (known == text) return method;
  }
  fail<ConfigError>(
      "[prune] there is no method '{}' for single weights. One of magnitude, wanda, sparsegpt, "
      "random was expected.",
      clipped(text));
}

bool needs_calibration(WeightMethod method) {
  return method == WeightMethod::kWanda || method == WeightMethod::kSparseGpt;
}

std::string_view name(SparseScope scope) {
  return std::ranges::find(kScopes, scope, [](const auto& s) { return s.first; })->second;
}

SparseScope parse_sparse_scope(std::string_view text) {
  for (const auto& [scope, known] : kScopes) {
    if (known == text) return scope;
  }
  fail<ConfigError>("[prune] there is no scope '{}'. One of matrix, row, model was expected.",
                    clipped(text));
}

SparsePattern parse_sparse_pattern(std::string_view text) {
  SparsePattern p;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, p.keep);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == ':') {
    const auto second = std::from_chars(first.ptr + 1, end, p.of);
    if (second.ec == std::errc() && second.ptr == end && p.keep >= 1 && p.keep < p.of &&
        p.of <= 128) {
      return p;
    }
  }
  fail<ConfigError>(
      "[prune] '{}' is no pattern. Two numbers N:M were expected, N weights of every M to stay, "
      "such as 2:4; M at most 128.",
      clipped(text));
}

SparsifyResult sparsify(const SparsifyJob& job, Context& ctx) {
  if (job.scope == SparseScope::kModel && job.method != WeightMethod::kMagnitude) {
    fail<ConfigError>("[prune] --scope model compares magnitudes: it goes with method magnitude.");
  }
  return Sparsifier(job, ctx).run();
}

}  // namespace pangu::compress
