// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/evaluation.h"

#include <algorithm>
#include <cmath>

#include "adaptive/intent/wording_noise.h"

namespace pangu::adaptive {
namespace {

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

std::size_t likeliest_of(const RowMatrix& probabilities, Eigen::Index row) {
  Eigen::Index best = 0;
  probabilities.row(row).maxCoeff(&best);
  return static_cast<std::size_t>(best);
}

std::vector<KindScore> kind_scores(std::span<const std::string> classes,
                                   const std::vector<std::vector<std::int64_t>>& confusion) {
  std::vector<KindScore> scores;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    double chosen = 0, rows = 0;
    for (std::size_t o = 0; o < classes.size(); ++o) {
      chosen += static_cast<double>(confusion[o][c]);
      rows += static_cast<double>(confusion[c][o]);
    }
    const auto right = static_cast<double>(confusion[c][c]);
    scores.push_back({.kind = classes[c],
                      .rows = static_cast<std::int64_t>(rows),
                      .precision = ratio(right, chosen),
                      .recall = ratio(right, rows),
                      .f1 = ratio(2 * right, chosen + rows)});
  }
  return scores;
}

struct Taken {
  std::size_t likeliest;
  bool is_sure;
};

Taken take(const Head& head, const Features& features) {
  const Recognition r = recognise(head, features);
  const auto at = std::find(head.classes.begin(), head.classes.end(), r.likeliest);
  return {static_cast<std::size_t>(at - head.classes.begin()), !r.is_unknown()};
}

bool differs_in_decision(const Taken& a, const Taken& b) {
  return a.is_sure != b.is_sure || (a.is_sure && a.likeliest != b.likeliest);
}

}  // namespace

RecognitionScore score_recognition(std::span<const std::string> classes,
                                   const RowMatrix& probabilities, std::span<const int> labels,
                                   double threshold) {
  RecognitionScore score{.rows = static_cast<std::int64_t>(labels.size())};
  score.confusion.assign(classes.size(), std::vector<std::int64_t>(classes.size(), 0));
  score.choices = choices_of(probabilities, labels);
  std::int64_t right = 0, accepted = 0, wrong = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = static_cast<Eigen::Index>(i);
    const Choice& choice = score.choices[i];
    ++score.confusion[static_cast<std::size_t>(labels[i])][likeliest_of(probabilities, row)];
    score.nll -= std::log(std::max(probabilities(row, labels[i]), 1e-12));
    right += choice.is_right ? 1 : 0;
    if (choice.confidence < threshold) continue;
    ++accepted;
    wrong += choice.is_right ? 0 : 1;
  }
  const auto n = static_cast<double>(labels.size());
  score.accuracy = ratio(static_cast<double>(right), n);
  score.accuracy_ci95 = eval::wilson(right, score.rows);
  score.nll = ratio(score.nll, n);
  score.calibration_error = calibration_error(score.choices);
  score.coverage = ratio(static_cast<double>(accepted), n);
  score.accepted_error = ratio(static_cast<double>(wrong), static_cast<double>(accepted));
  score.kinds = kind_scores(classes, score.confusion);
  double f1 = 0, kinds = 0;
  for (const KindScore& kind : score.kinds) {
    if (kind.rows == 0) continue;
    f1 += kind.f1;
    kinds += 1;
  }
  score.macro_f1 = ratio(f1, kinds);
  return score;
}

RowMatrix head_probabilities(const Head& head, std::span<const Features> features) {
  RowMatrix all(static_cast<Eigen::Index>(features.size()),
                static_cast<Eigen::Index>(head.classes.size()));
  for (std::size_t i = 0; i < features.size(); ++i) {
    const std::vector<double> p = head.probabilities(features[i]);
    all.row(static_cast<Eigen::Index>(i)) =
        Eigen::Map<const Eigen::RowVectorXd>(p.data(), all.cols());
  }
  return all;
}

Robustness measure_robustness(const Head& head, FeatureReader& reader,
                              std::span<const Request> requests, std::span<const Features> features,
                              const std::function<void(std::size_t)>& on_done) {
  Robustness out;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    std::vector<Request> others = {with_typos(requests[i], 1)};
    for (int way = 0; way < kParaphrases; ++way) others.push_back(paraphrased(requests[i], way));
    const std::vector<Features> read = reader.read(others);
    const Taken before = take(head, features[i]), typed = take(head, read[0]);
    out.typos += typed.likeliest != before.likeliest ? 1 : 0;
    out.typos_decision += differs_in_decision(before, typed) ? 1 : 0;
    bool changes = false, decides = false;
    for (std::size_t k = 1; k < read.size(); ++k) {
      const Taken other = take(head, read[k]);
      changes |= other.likeliest != before.likeliest;
      decides |= differs_in_decision(before, other);
    }
    out.paraphrases += changes ? 1 : 0;
    out.paraphrases_decision += decides ? 1 : 0;
    if (on_done) on_done(i + 1);
  }
  for (double* share :
       {&out.typos, &out.typos_decision, &out.paraphrases, &out.paraphrases_decision}) {
    *share = ratio(*share, static_cast<double>(requests.size()));
  }
  return out;
}

}  // namespace pangu::adaptive
