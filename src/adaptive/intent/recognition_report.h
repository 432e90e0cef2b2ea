// SPDX-License-Identifier: Apache-2.0
// What recognition is worth, as text, JSON and a picture.
#pragma once

#include <string>

#include "adaptive/intent/evaluation.h"
#include "io/json.h"

namespace pangu::adaptive {

/// Shares, kinds and the table of confusions, for people; lines end in newlines.
std::string recognition_text(const RecognitionScore& score, std::span<const std::string> classes);
std::string robustness_text(const Robustness& robustness);
std::string draws_text(const DrawScores& scores, const DrawOptions& options);

Json recognition_json(const RecognitionScore& score, std::span<const std::string> classes);
Json robustness_json(const Robustness& robustness);
Json draws_json(const DrawScores& scores, const DrawOptions& options);
Json recognition_json(const Recognition& recognition);

/// Accuracy over coverage as SVG: what is right among the surest requests, for every share of them,
/// and where the threshold cuts.
std::string coverage_plot(const RecognitionScore& score, const std::string& subtitle);

}  // namespace pangu::adaptive
