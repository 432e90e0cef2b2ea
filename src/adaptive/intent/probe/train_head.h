// SPDX-License-Identifier: Apache-2.0
// Learns a head from examples: which depth and which penalty serve best is tried on examples kept
// back, and so are temperature and threshold.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "adaptive/intent/probe/calibration.h"
#include "adaptive/intent/probe/probe.h"
#include "base/thread_pool.h"

namespace pangu::adaptive {

/// What is to be told apart, whatever that is.
struct LabelledFeatures {
  std::vector<std::string> classes;
  std::vector<Features> features;
  std::vector<int> labels;          ///< places in `classes`, one for each
  std::vector<std::string> groups;  ///< what is alike and must be kept back together; or empty each
};

struct TrainHeadOptions {
  std::uint32_t blocks = kAllBlocks;
  /// Depths to try, all of which the features have; ignored without a stream block.
  std::vector<std::int64_t> layers;
  std::vector<double> lambdas = {3e-5, 1e-4, 3e-4, 1e-3, 3e-3};
  /// Whether each class counts the same. Else each example does, and probabilities know how rare a
  /// class is.
  bool balanced = true;
  int folds = 5;
  double max_error = 0.05;  ///< of accepted choices
  std::uint64_t seed = 1;   ///< of the folds
  /// Called with fits done and in all; may throw to stop.
  std::function<void(std::int64_t done, std::int64_t total)> progress = {};
};

/// One pair of depth and penalty that was tried.
struct TriedSetting {
  std::int64_t layer = 0;
  double lambda = 0;
  double nll = 0;       ///< mean over examples kept back, in nats, at the temperature
  double accuracy = 0;  ///< share of them whose likeliest class is the right one
};

struct TrainedHead {
  Head head;
  std::vector<TriedSetting> tried;
  RowMatrix kept_back;  ///< probabilities of every example by a fit that had not seen it, [N, C]
};

/// Each class counts the same, whatever the number of its examples, or each example does
/// (`balanced`). Every block counts the same, too: features are divided by their standard deviation
/// and by the square root of how many their block has; grams, of which most are rare, by that of
/// all grams together. The same bits for the same examples, with any number of threads. Throws
/// InputError for classes with fewer than two examples (or groups), for fewer than two classes;
/// ShapeError for sizes that do not fit.
TrainedHead train_head(std::string name, const LabelledFeatures& examples,
                       const TrainHeadOptions& options, std::int64_t hidden_size,
                       ThreadPool& threads);

}  // namespace pangu::adaptive
