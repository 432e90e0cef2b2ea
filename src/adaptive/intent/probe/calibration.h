// SPDX-License-Identifier: Apache-2.0
// Whether probabilities mean what they say: temperature, threshold of acceptance, calibration
// error.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "adaptive/intent/probe/softmax_regression.h"

namespace pangu::adaptive {

/// Mean of -log p(label) of softmax(logits / temperature), in nats.
double mean_nll(const RowMatrix& logits, std::span<const int> labels, double temperature);

/// The temperature that makes mean_nll smallest, from 1/20 to 20.
/// source  Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599.
double fit_temperature(const RowMatrix& logits, std::span<const int> labels);

/// A choice: how sure it was, and whether it was right.
struct Choice {
  double confidence = 0;
  bool is_right = false;
};

/// The likeliest class of each row (of equals: the first) against its label.
std::vector<Choice> choices_of(const RowMatrix& probabilities, std::span<const int> labels);

/// Expected calibration error: over equal bins of confidence, the mean distance of confidence and
/// share of right choices, weighted by how many there are.
double calibration_error(std::span<const Choice> choices, int bins = 10);

/// From which confidence on a choice is accepted.
struct Threshold {
  double confidence = 0;
  double coverage = 0;  ///< share of choices that are accepted
  double error = 0;     ///< share of those that are wrong
  /// Whether the upper end of the error's 95 % interval (Wilson) is within the limit. Else there
  /// were too few choices to show that, and the share itself is.
  bool is_bound = false;
};

/// The smallest confidence from which on the accepted choices are wrong at most `max_error` of the
/// time, by the bound where any confidence reaches it, else by the share itself. Where not even
/// that can be, none is accepted: the confidence is above 1.
Threshold find_threshold(std::span<const Choice> choices, double max_error);

/// Share of wrong choices among the surest, for every coverage: [i] is that of the i + 1 surest.
std::vector<double> selective_errors(std::span<const Choice> choices);

}  // namespace pangu::adaptive
