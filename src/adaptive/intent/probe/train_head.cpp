// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/probe/train_head.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "adaptive/intent/probe/folds.h"
#include "adaptive/intent/probe/row_space.h"
#include "adaptive/intent/probe/scaling.h"
#include "base/error.h"

namespace pangu::adaptive {
namespace {

/// Coarse is enough to compare settings; what is kept is fitted more exactly.
constexpr LbfgsOptions kTrialFit{.max_iterations = 100, .tolerance = 1e-4};
constexpr LbfgsOptions kFinalFit{.max_iterations = 1000, .tolerance = 1e-7};

void check_examples(const LabelledFeatures& e) {
  const std::size_t n = e.features.size();
  if (e.labels.size() != n || e.groups.size() != n) {
    fail<ShapeError>("[probe] {} features, {} labels and {} groups. One each was expected.", n,
                     e.labels.size(), e.groups.size());
  }
  if (e.classes.size() < 2) {
    fail<InputError>("[probe] there are {} classes in the examples. At least 2 were expected.",
                     e.classes.size());
  }
  const int classes = static_cast<int>(e.classes.size());
  for (const int label : e.labels) {
    if (label >= 0 && label < classes) continue;
    fail<ShapeError>("[probe] an example has the label {}. 0 to {} was expected.", label,
                     classes - 1);
  }
}

RowMatrix matrix_of_features(const std::vector<Features>& features, std::uint32_t blocks,
                             std::int64_t layer) {
  RowMatrix x;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const std::vector<float> row = features[i].joined(blocks, layer);
    if (i == 0) {
      x.resize(static_cast<Eigen::Index>(features.size()), static_cast<Eigen::Index>(row.size()));
    }
    x.row(static_cast<Eigen::Index>(i)) =
        Eigen::Map<const Eigen::RowVectorXf>(row.data(), x.cols()).cast<double>();
  }
  return x;
}

/// Examples by their places, with weights that give each class the same, or each example.
struct Part {
  std::vector<Eigen::Index> places;
  std::vector<int> labels;
  std::vector<double> weights;
};

Part part_of(const std::vector<int>& labels, int classes, bool balanced,
             const std::function<bool(std::size_t)>& has) {
  Part part;
  std::vector<double> counts(static_cast<std::size_t>(classes), 0.0);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!has(i)) continue;
    part.places.push_back(static_cast<Eigen::Index>(i));
    part.labels.push_back(labels[i]);
    counts[static_cast<std::size_t>(labels[i])] += 1;
  }
  const auto present = static_cast<double>(
      std::count_if(counts.begin(), counts.end(), [](double count) { return count > 0; }));
  for (const int label : part.labels) {
    part.weights.push_back(balanced ? 1 / (present * counts[static_cast<std::size_t>(label)])
                                    : 1 / static_cast<double>(part.labels.size()));
  }
  return part;
}

/// The logits of examples kept back, for each lambda, in the rows of those examples.
struct FoldFit {
  Part train, test;
  std::vector<RowMatrix> logits;
};

class Trial {
 public:
  Trial(const LabelledFeatures& examples, const TrainHeadOptions& options, std::int64_t hidden_size)
      : examples_(examples),
        options_(options),
        hidden_size_(hidden_size),
        folds_(assign_folds(examples.labels, examples.groups, examples.classes, options.folds,
                            options.seed)),
        fold_count_(*std::max_element(folds_.begin(), folds_.end()) + 1) {}

  int fold_count() const { return fold_count_; }

  /// Logits of every example by fits that had not seen it, a matrix for each lambda.
  std::vector<RowMatrix> kept_back(const RowMatrix& x, ThreadPool& threads) const {
    std::vector<FoldFit> fits(static_cast<std::size_t>(fold_count_));
    threads.parallel_for(fold_count_, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t f = begin; f < end; ++f) {
        fits[static_cast<std::size_t>(f)] = fit_fold(x, static_cast<int>(f));
      }
    });
    std::vector<RowMatrix> all(options_.lambdas.size(), RowMatrix(x.rows(), classes()));
    for (const FoldFit& fit : fits) {
      for (std::size_t l = 0; l < all.size(); ++l)
        all[l](fit.test.places, Eigen::all) = fit.logits[l];
    }
    return all;
  }

  int classes() const { return static_cast<int>(examples_.classes.size()); }

 private:
  FoldFit fit_fold(const RowMatrix& x, int fold) const {
    FoldFit out;
    out.train = part_of(examples_.labels, classes(), options_.balanced,
                        [&](std::size_t i) { return folds_[i] != fold; });
    out.test = part_of(examples_.labels, classes(), options_.balanced,
                       [&](std::size_t i) { return folds_[i] == fold; });
    const RowMatrix raw = x(out.train.places, Eigen::all);
    const Scaling scaling = fit_scaling(raw, out.train.weights, options_.blocks, hidden_size_);
    const RowSpace space(scaling.apply(raw));
    const RowMatrix test = space.projected(scaling.apply(x(out.test.places, Eigen::all)));
    LinearMap map;
    out.logits.resize(options_.lambdas.size());
    // From the strongest penalty on, each fit begins where the one before ended.
    for (std::size_t l = options_.lambdas.size(); l-- > 0;) {
      map = fit_softmax({.x = space.examples(),
                         .labels = out.train.labels,
                         .weights = out.train.weights,
                         .classes = classes(),
                         .lambda = options_.lambdas[l]},
                        &map, kTrialFit);
      out.logits[l] = map.logits(test);
    }
    return out;
  }

  const LabelledFeatures& examples_;
  const TrainHeadOptions& options_;
  std::int64_t hidden_size_;
  std::vector<int> folds_;
  int fold_count_;
};

double share_right(const RowMatrix& logits, std::span<const int> labels) {
  double right = 0;
  for (const Choice& choice : choices_of(logits, labels)) right += choice.is_right ? 1 : 0;
  return labels.empty() ? 0 : right / static_cast<double>(labels.size());
}

std::vector<float> floats_of(const auto& values) {
  std::vector<float> out;
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    out.push_back(static_cast<float>(values.data()[i]));
  }
  return out;
}

/// Fits the head on all examples.
void fit_on_all(Head& head, const LabelledFeatures& examples, const RowMatrix& x, double lambda,
                bool balanced, std::int64_t hidden_size) {
  const int classes = static_cast<int>(examples.classes.size());
  const Part all = part_of(examples.labels, classes, balanced, [](std::size_t) { return true; });
  const Scaling scaling = fit_scaling(x, all.weights, head.blocks, hidden_size);
  const RowSpace space(scaling.apply(x));
  const LinearMap map = space.unfolded(fit_softmax({.x = space.examples(),
                                                    .labels = all.labels,
                                                    .weights = all.weights,
                                                    .classes = classes,
                                                    .lambda = lambda},
                                                   nullptr, kFinalFit));
  head.mu = floats_of(scaling.mu);
  head.sigma = floats_of(scaling.sigma);
  head.weight = floats_of(map.weight);
  head.bias = floats_of(map.bias);
}

/// Temperature, threshold and record, from logits of examples kept back.
void calibrate(TrainedHead& out, const RowMatrix& logits, const std::vector<int>& labels,
               double lambda, double max_error) {
  Head& head = out.head;
  head.temperature = fit_temperature(logits, labels);
  out.kept_back = softmax_rows(logits, head.temperature);
  const std::vector<Choice> choices = choices_of(out.kept_back, labels);
  const Threshold threshold = find_threshold(choices, max_error);
  head.threshold = threshold.confidence;
  head.record = {.examples = static_cast<std::int64_t>(labels.size()),
                 .lambda = lambda,
                 .accuracy = share_right(logits, labels),
                 .calibration_error = calibration_error(choices),
                 .max_error = max_error,
                 .coverage = threshold.coverage,
                 .accepted_error = threshold.error,
                 .is_bound = threshold.is_bound};
}

}  // namespace

TrainedHead train_head(std::string name, const LabelledFeatures& examples,
                       const TrainHeadOptions& options, std::int64_t hidden_size,
                       ThreadPool& threads) {
  check_examples(examples);
  const bool has_stream = (options.blocks & kStreamBlocks) != 0;
  const std::vector<std::int64_t> layers =
      has_stream ? options.layers : std::vector<std::int64_t>{0};
  if (layers.empty() || options.lambdas.empty()) {
    fail<InputError>("[probe] no depth or no penalty to try. At least one of each was expected.");
  }
  const Trial trial(examples, options, hidden_size);
  TrainedHead out{
      .head = {.name = std::move(name), .classes = examples.classes, .blocks = options.blocks}};
  double best_nll = 0, best_lambda = 0;
  RowMatrix best_logits;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const auto total = static_cast<std::int64_t>(layers.size()) + 1;
    if (options.progress) options.progress(static_cast<std::int64_t>(i), total);
    const RowMatrix x = matrix_of_features(examples.features, options.blocks, layers[i]);
    std::vector<RowMatrix> logits = trial.kept_back(x, threads);
    for (std::size_t l = 0; l < logits.size(); ++l) {
      const double nll =
          mean_nll(logits[l], examples.labels, fit_temperature(logits[l], examples.labels));
      out.tried.push_back(
          {layers[i], options.lambdas[l], nll, share_right(logits[l], examples.labels)});
      if (best_logits.size() > 0 && nll >= best_nll) continue;
      best_nll = nll;
      best_lambda = options.lambdas[l];
      best_logits = std::move(logits[l]);
      out.head.layer = layers[i];
    }
  }
  const RowMatrix x = matrix_of_features(examples.features, options.blocks, out.head.layer);
  fit_on_all(out.head, examples, x, best_lambda, options.balanced, hidden_size);
  calibrate(out, best_logits, examples.labels, best_lambda, options.max_error);
  return out;
}

}  // namespace pangu::adaptive
