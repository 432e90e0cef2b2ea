// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/recognition_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/svg_plot.h"

namespace pangu::adaptive {

std::string recognition_text(const RecognitionScore& score, std::span<const std::string> classes) {
  std::string text = fmt::format(
      "rows {}\naccuracy {:.4f}  [{:.4f}, {:.4f}]\nmacro-F1 {:.4f}\ncalibration error (ECE) "
      "{:.4f}\n"
      "not unknown {:.4f}, of those wrong {:.4f}\n\n",
      score.rows, score.accuracy, score.accuracy_ci95.low, score.accuracy_ci95.high, score.macro_f1,
      score.calibration_error, score.coverage, score.accepted_error);
  text += fmt::format("{:<16}{:>7}{:>11}{:>9}{:>9}   taken for\n", "kind", "rows", "precision",
                      "recall", "F1");
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const KindScore& kind = score.kinds[c];
    text += fmt::format("{:<16}{:>7}{:>11.4f}{:>9.4f}{:>9.4f}  ", kind.kind, kind.rows,
                        kind.precision, kind.recall, kind.f1);
    for (std::size_t o = 0; o < classes.size(); ++o) {
      if (o != c && score.confusion[c][o] > 0) {
        text += fmt::format(" {} {}", classes[o], score.confusion[c][o]);
      }
    }
    text += "\n";
  }
  return text;
}

std::string robustness_text(const Robustness& r) {
  return fmt::format(
      "changed by typing errors {:.4f} (choice or unknown {:.4f}), by two paraphrases {:.4f} "
      "({:.4f})\n",
      r.typos, r.typos_decision, r.paraphrases, r.paraphrases_decision);
}

std::string draws_text(const DrawScores& s, const DrawOptions& options) {
  const auto [low, high] = std::minmax_element(s.accuracies.begin(), s.accuracies.end());
  return fmt::format(
      "{} draws of {} rows of each kind, tested on the others\n"
      "accuracy {:.4f} ({:.4f} to {:.4f}), mean over kinds {:.4f}, macro-F1 {:.4f}\n"
      "calibration error (ECE) {:.4f}; not unknown {:.4f}, of those wrong {:.4f}\n",
      options.draws, options.per_kind, s.accuracy, *low, *high, s.kind_accuracy, s.macro_f1,
      s.calibration_error, s.coverage, s.accepted_error);
}

Json recognition_json(const RecognitionScore& score, std::span<const std::string> classes) {
  Json kinds = Json::array();
  for (const KindScore& kind : score.kinds) {
    kinds.push_back({{"kind", kind.kind},
                     {"rows", kind.rows},
                     {"precision", kind.precision},
                     {"recall", kind.recall},
                     {"f1", kind.f1}});
  }
  return {{"rows", score.rows},
          {"accuracy", score.accuracy},
          {"ci95", {score.accuracy_ci95.low, score.accuracy_ci95.high}},
          {"macro_f1", score.macro_f1},
          {"ece", score.calibration_error},
          {"nll", score.nll},
          {"coverage", score.coverage},
          {"accepted_error", score.accepted_error},
          {"classes", std::vector<std::string>(classes.begin(), classes.end())},
          {"kinds", kinds},
          {"confusion", score.confusion}};
}

Json robustness_json(const Robustness& r) {
  return {{"typos", r.typos},
          {"typos_decision", r.typos_decision},
          {"paraphrases", r.paraphrases},
          {"paraphrases_decision", r.paraphrases_decision}};
}

Json draws_json(const DrawScores& s, const DrawOptions& options) {
  return {{"draws", options.draws},
          {"per_kind", options.per_kind},
          {"accuracies", s.accuracies},
          {"accuracy", s.accuracy},
          {"kind_accuracy", s.kind_accuracy},
          {"macro_f1", s.macro_f1},
          {"ece", s.calibration_error},
          {"coverage", s.coverage},
          {"accepted_error", s.accepted_error}};
}

Json recognition_json(const Recognition& recognition) {
  Json probabilities = Json::object();
  for (const auto& [kind, p] : recognition.probabilities) probabilities[kind] = p;
  return {{"kind", recognition.kind},
          {"likeliest", recognition.likeliest},
          {"confidence", recognition.confidence},
          {"unknown", recognition.is_unknown()},
          {"probabilities", probabilities}};
}

std::string coverage_plot(const RecognitionScore& score, const std::string& subtitle) {
  const std::vector<double> errors = selective_errors(score.choices);
  PlotSeries curve{.name = "right among the surest"}, cut{.name = "threshold"};
  const std::size_t step = std::max<std::size_t>(1, errors.size() / 400);
  for (std::size_t i = 0; i < errors.size(); ++i) {
    if (i % step != 0 && i + 1 != errors.size()) continue;
    curve.points.push_back(
        {static_cast<double>(i + 1) / static_cast<double>(errors.size()), 1 - errors[i]});
  }
  cut.mark = PlotSeries::Mark::kDots;
  cut.color = 1;
  if (score.coverage > 0) cut.points.push_back({score.coverage, 1 - score.accepted_error});
  return svg_plot({.title = "Accuracy over coverage",
                   .subtitle = subtitle,
                   .x = {.label = "share of requests that are taken"},
                   .y = {.label = "share of them that are right"},
                   .series = {curve, cut}});
}

}  // namespace pangu::adaptive
