// SPDX-License-Identifier: Apache-2.0
// What `pangu eval` found, for people and for programs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eval/draft.h"
#include "eval/result.h"
#include "io/json.h"

namespace pangu::app {

/// One model's part of an evaluation.
struct EvalReport {
  std::string model;  ///< as the user named it; empty where none was used
  eval::EvalResult result;
  double load_s = 0;
  std::int64_t known_ids = 0;
  std::optional<eval::DraftAgreement> draft = {};  ///< of another model with this one's replies
  std::int64_t peak_rss_bytes = 0;
};

/// What models were compared with.
struct ReferenceReport {
  std::string model = {};  ///< as the user named it
  std::int64_t positions = 0, vocabulary = 0;
  std::int64_t bytes = 0;  ///< of the logits that were kept
  bool in_file = false;    ///< in a temporary one, else in memory
  double load_s = 0;
  double seconds = 0;  ///< of the passes
};

/// "0.8812"; what is smaller than a thousandth has three digits, as "4.17e-05".
std::string score_number(double value);

/// The keys that docs/eval.md lists.
Json eval_json(const EvalReport& report);
Json comparison_json(const std::vector<eval::Comparison>& comparisons);

Json reference_json(const ReferenceReport& report);
/// One line on what was kept of it.
std::string reference_text(const ReferenceReport& report);

/// Scores with intervals, by group where there are groups; newline at the end.
std::string eval_text(const EvalReport& report);
std::string comparison_text(const std::vector<eval::Comparison>& comparisons);

/// Speed and memory, newline at the end.
std::string eval_summary_text(const EvalReport& report, const std::string& machine);

/// The items as JSON Lines. `model` marks whose they are, if it is given.
std::string predictions(const eval::EvalResult& result, const std::optional<std::string>& model);

/// The replies as `pangu bench --replay` reads them, all called `name`.
std::string recordings(const eval::EvalResult& result, const std::string& name);

}  // namespace pangu::app
