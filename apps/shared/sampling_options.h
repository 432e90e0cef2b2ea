// SPDX-License-Identifier: Apache-2.0
// How the next token is chosen, as the command line says it.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "pangu/sampling.h"

namespace pangu::app {

/// Sampling options that the command line gives; the model's own stand where it is silent.
struct SamplingFlags {
  std::optional<float> temperature;
  std::optional<int> top_k;
  std::optional<float> top_p;
  std::optional<float> min_p;
  std::optional<float> repetition_penalty;
  std::optional<float> presence_penalty;
  std::optional<float> frequency_penalty;
  std::string logit_bias;  ///< "ID=B,ID=B", checked by logit_bias_list()
  std::optional<std::int64_t> seed;

  /// `defaults` with what was given put in its place; a random seed where sampling needs one.
  SamplingOptions over(SamplingOptions defaults) const;
};

/// Accepts lists of ID=B: token ids with what is added to their logits, from -100 to 100.
CLI::Validator logit_bias_list();

}  // namespace pangu::app
