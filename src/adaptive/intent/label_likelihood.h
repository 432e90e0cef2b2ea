// SPDX-License-Identifier: Apache-2.0
// Recognition without examples: the model itself is asked which of the kinds a request is, and how
// likely it takes each answer to be. As good as the model is at following instructions.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "adaptive/intent/recognise.h"
#include "runtime/score/scoring.h"

namespace pangu::adaptive {

struct LabelOptions {
  int orders = 4;          ///< in which the kinds are listed; their answers are averaged
  double threshold = 0.5;  ///< what is less sure is unknown
};

/// Lists the built-in kinds as A, B, C, ... and compares the probabilities of the letters behind
/// "Answer:". Models prefer letters and places whatever is asked: each probability is divided by
/// what the letter gets on average for requests without content, order by order, before logarithms
/// are averaged over the orders. source  Zhao et al. 2021, "Calibrate Before Use", arXiv:2102.09690
/// (contextual calibration); orders
///         as in Pezeshkpour & Hruschka 2023, arXiv:2308.11483.
class LabelLikelihood {
 public:
  /// Model and context must outlive it. Scores the requests without content once. Throws
  /// ConfigError for options out of range, and what Scorer throws.
  LabelLikelihood(const Model& model, Context& ctx, const LabelOptions& options = {});

  Recognition recognise(const Request& request);

 private:
  /// log p(letter of each kind), for each order, as [order][kind].
  std::vector<std::vector<double>> letter_logprobs(const std::string& text);

  const Model& model_;
  LabelOptions options_;
  Scorer scorer_;
  std::vector<std::vector<double>> without_content_;  ///< log of the mean probability
};

}  // namespace pangu::adaptive
