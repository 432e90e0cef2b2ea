// SPDX-License-Identifier: Apache-2.0
// Heads from a few rows of each kind, tested on the others.
#include <algorithm>
#include <map>
#include <set>

#include "adaptive/intent/evaluation.h"
#include "base/error.h"
#include "corpus/draw.h"

namespace pangu::adaptive {
namespace {

struct DrawnRows {
  std::vector<std::size_t> train, test;
};

/// Of each kind `per_kind` rows to train on; rows of their groups are not tested.
DrawnRows draw_rows(const LabelledFeatures& all, const DrawOptions& options, int number) {
  corpus::Draw draw(options.seed, 2, static_cast<std::uint64_t>(number));
  std::vector<std::size_t> order(all.labels.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  draw.shuffle(order);
  std::vector<std::string> groups;  // in random order, kept together
  std::map<std::string, std::vector<std::size_t>> members;
  for (const std::size_t i : order) {
    const std::string name = all.groups[i].empty() ? "\n" + std::to_string(i) : all.groups[i];
    auto& rows = members[name];
    if (rows.empty()) groups.push_back(name);
    rows.push_back(i);
  }
  std::vector<int> wanted(all.classes.size(), options.per_kind);
  DrawnRows drawn;
  // A group gives a few rows of those wanted, so that several wordings are learnt from.
  const int most_of_group = std::max(1, options.per_kind / 4);
  for (const std::string& group : groups) {
    const std::vector<std::size_t>& rows = members[group];
    int& left = wanted[static_cast<std::size_t>(all.labels[rows.front()])];
    if (left <= 0) {
      drawn.test.insert(drawn.test.end(), rows.begin(), rows.end());
      continue;
    }
    const auto n = std::min(
        {rows.size(), static_cast<std::size_t>(left), static_cast<std::size_t>(most_of_group)});
    drawn.train.insert(drawn.train.end(), rows.begin(),
                       rows.begin() + static_cast<std::ptrdiff_t>(n));
    left -= static_cast<int>(n);
  }
  return drawn;
}

LabelledFeatures rows_of(const LabelledFeatures& all, const std::vector<std::size_t>& rows) {
  LabelledFeatures out{.classes = all.classes};
  for (const std::size_t i : rows) {
    out.features.push_back(all.features[i]);
    out.labels.push_back(all.labels[i]);
    out.groups.push_back(all.groups[i]);
  }
  return out;
}

void append_rows(LabelledFeatures& to, const LabelledFeatures& more) {
  to.features.insert(to.features.end(), more.features.begin(), more.features.end());
  to.labels.insert(to.labels.end(), more.labels.begin(), more.labels.end());
  to.groups.insert(to.groups.end(), more.groups.begin(), more.groups.end());
}

void require_every_class(const LabelledFeatures& test) {
  const std::set<int> seen(test.labels.begin(), test.labels.end());
  for (std::size_t c = 0; c < test.classes.size(); ++c) {
    if (seen.contains(static_cast<int>(c))) continue;
    fail<InputError>(
        "[intent] no rows of \"{}\" are left to test. Give more, or draw fewer to train on.",
        test.classes[c]);
  }
}

}  // namespace

DrawScores score_draws(const LabelledFeatures& all, const LabelledFeatures& always,
                       const DrawOptions& draws, const TrainHeadOptions& options,
                       std::int64_t hidden_size, ThreadPool& threads) {
  DrawScores out;
  for (int number = 0; number < draws.draws; ++number) {
    if (options.progress) options.progress(number, draws.draws);
    const DrawnRows drawn = draw_rows(all, draws, number);
    LabelledFeatures train = rows_of(all, drawn.train);
    append_rows(train, always);
    const LabelledFeatures test = rows_of(all, drawn.test);
    require_every_class(test);
    TrainHeadOptions quiet = options;
    quiet.progress = {};
    const Head head = train_head(std::string(kKindHead), train, quiet, hidden_size, threads).head;
    const RecognitionScore score = score_recognition(
        all.classes, head_probabilities(head, test.features), test.labels, head.threshold);
    const double share = 1.0 / draws.draws;
    out.accuracies.push_back(score.accuracy);
    out.accuracy += share * score.accuracy;
    for (const KindScore& kind : score.kinds) {
      out.kind_accuracy += share * kind.recall / static_cast<double>(all.classes.size());
    }
    out.macro_f1 += share * score.macro_f1;
    out.calibration_error += share * score.calibration_error;
    out.coverage += share * score.coverage;
    out.accepted_error += share * score.accepted_error;
  }
  return out;
}

}  // namespace pangu::adaptive
