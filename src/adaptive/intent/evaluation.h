// SPDX-License-Identifier: Apache-2.0
// How well requests are recognised: accuracy, calibration, confusions, what abstaining gains, and
// what typing errors change.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "adaptive/intent/labelled_rows.h"
#include "adaptive/intent/probe/calibration.h"
#include "adaptive/intent/probe/train_head.h"
#include "adaptive/intent/recognise.h"
#include "eval/statistics.h"

namespace pangu::adaptive {

struct KindScore {
  std::string kind;
  std::int64_t rows = 0;
  double precision = 0, recall = 0, f1 = 0;
};

/// Of choices against labels.
struct RecognitionScore {
  std::int64_t rows = 0;
  double accuracy = 0;  ///< share of rows whose likeliest kind is the right one
  eval::Interval accuracy_ci95;
  double macro_f1 = 0;
  double calibration_error = 0;
  double nll = 0;             ///< mean of -log p(right kind), in nats
  double coverage = 0;        ///< share of rows that are not unknown
  double accepted_error = 0;  ///< share of those that are wrong
  std::vector<KindScore> kinds;
  std::vector<std::vector<std::int64_t>> confusion;  ///< [right kind][likeliest kind]
  std::vector<Choice> choices;                       ///< one for each row, for curves
};

/// `labels` are places in `classes`; `probabilities` is [N, C].
RecognitionScore score_recognition(std::span<const std::string> classes,
                                   const RowMatrix& probabilities, std::span<const int> labels,
                                   double threshold);

/// Probabilities of a head for many requests, [N, C].
RowMatrix head_probabilities(const Head& head, std::span<const Features> features);

/// How often the likeliest kind, or whether it is sure enough, changes with the wording.
struct Robustness {
  double typos = 0;           ///< share of requests whose likeliest kind changes
  double typos_decision = 0;  ///< share whose kind, unknown being one, changes
  double paraphrases = 0;     ///< the same for the worst of the paraphrases of a request
  double paraphrases_decision = 0;
};

Robustness measure_robustness(const Head& head, FeatureReader& reader,
                              std::span<const Request> requests, std::span<const Features> features,
                              const std::function<void(std::size_t)>& on_done = {});

/// Heads trained on a few rows of each kind and tested on all others, several times.
struct DrawOptions {
  int draws = 10;
  int per_kind = 20;
  std::uint64_t seed = 1;
};

struct DrawScores {
  std::vector<double> accuracies;  ///< one for each draw
  double accuracy = 0;             ///< their mean
  double kind_accuracy = 0;  ///< mean over kinds of the share of rows that are right, likewise
  double macro_f1 = 0, calibration_error = 0, coverage = 0, accepted_error = 0;
};

/// Rows of one group are never on both sides. What `always` has, with the same classes, is trained
/// on in every draw, too. Throws InputError for a kind without rows left to test.
DrawScores score_draws(const LabelledFeatures& all, const LabelledFeatures& always,
                       const DrawOptions& draws, const TrainHeadOptions& options,
                       std::int64_t hidden_size, ThreadPool& threads);

}  // namespace pangu::adaptive
