// SPDX-License-Identifier: Apache-2.0
#include "adaptive/intent/probe/train_head.h"

#include <algorithm>
#include <random>
#include <set>

#include "adaptive/intent/features/text_features.h"
#include "adaptive/intent/probe/folds.h"
#include "adaptive/intent/probe/scaling.h"
#include "tests/support/support.h"

namespace pangu::adaptive {
namespace {

constexpr std::int64_t kHidden = 8;

/// Streams behind two layers, of which the second alone tells the classes apart.
LabelledFeatures made_examples(int per_class, int classes, double distance) {
  std::mt19937_64 random(test::seed());
  std::normal_distribution<float> normal;
  LabelledFeatures out;
  for (int c = 0; c < classes; ++c)
    out.classes.push_back(std::string(1, static_cast<char>('a' + c)));
  for (int i = 0; i < per_class * classes; ++i) {
    Features features;
    for (const std::int64_t layer : {1, 2}) {
      StreamFeatures& stream = features.streams[layer];
      for (std::int64_t e = 0; e < kHidden; ++e) stream.mean.push_back(normal(random));
      stream.last = stream.mean;
      if (layer == 2)
        stream.mean[static_cast<std::size_t>(i % classes)] += static_cast<float>(distance);
    }
    out.features.push_back(std::move(features));
    out.labels.push_back(i % classes);
    out.groups.emplace_back();
  }
  return out;
}

TrainHeadOptions made_options() {
  TrainHeadOptions options;
  options.blocks = kMeanBlock | kLastBlock;
  options.layers = {1, 2};
  return options;
}

TEST(TrainHead, ChoosesTheDepthThatTellsAndIsRightOnNewExamples) {
  ThreadPool threads(2);
  const LabelledFeatures all = made_examples(200, 3, 4.0);
  LabelledFeatures train = all;
  train.features.resize(90), train.labels.resize(90), train.groups.resize(90);
  const TrainedHead trained = train_head("letters", train, made_options(), kHidden, threads);
  EXPECT_EQ(trained.head.layer, 2);
  EXPECT_EQ(trained.tried.size(), 10u);
  int right = 0;
  for (std::size_t i = 90; i < all.labels.size(); ++i) {
    const auto p = trained.head.probabilities(all.features[i]);
    right += std::max_element(p.begin(), p.end()) - p.begin() == all.labels[i] ? 1 : 0;
  }
  EXPECT_GT(right, 480);  // of 510
  EXPECT_NEAR(trained.head.record.accuracy, right / 510.0, 0.08);
}

TEST(TrainHead, GivesTheSameBitsWithAnyNumberOfThreads) {
  ThreadPool one(1), three(3);
  const LabelledFeatures examples = made_examples(12, 3, 2.0);
  const TrainedHead a = train_head("h", examples, made_options(), kHidden, one);
  const TrainedHead b = train_head("h", examples, made_options(), kHidden, three);
  EXPECT_EQ(a.head.weight, b.head.weight);
  EXPECT_EQ(a.head.temperature, b.head.temperature);
  EXPECT_EQ(a.head.threshold, b.head.threshold);
}

TEST(TrainHead, DoesWithTwoExamplesOfEachClass) {
  ThreadPool threads(1);
  const TrainedHead trained =
      train_head("h", made_examples(2, 4, 6.0), made_options(), kHidden, threads);
  EXPECT_FALSE(trained.head.record.is_bound);
  EXPECT_EQ(trained.kept_back.rows(), 8);
}

TEST(TrainHead, RefusesWhatItCannotLearnFrom) {
  ThreadPool threads(1);
  PANGU_EXPECT_ERROR(train_head("h", made_examples(1, 3, 1), made_options(), kHidden, threads),
                     InputError, "\"a\" has 1 examples");
  PANGU_EXPECT_ERROR(train_head("h", made_examples(9, 1, 1), made_options(), kHidden, threads),
                     InputError, "1 classes");
  LabelledFeatures examples = made_examples(5, 2, 1);
  examples.labels[3] = 2;
  PANGU_EXPECT_ERROR(train_head("h", examples, made_options(), kHidden, threads), ShapeError,
                     "the label 2");
  examples.labels.pop_back();
  PANGU_EXPECT_ERROR(train_head("h", examples, made_options(), kHidden, threads), ShapeError,
                     "10 features, 9 labels");
  TrainHeadOptions options = made_options();
  options.layers = {3};
  PANGU_EXPECT_ERROR(train_head("h", made_examples(5, 2, 1), options, kHidden, threads), ShapeError,
                     "behind 3 layers was not collected");
}

TEST(Folds, SpreadClassesAndKeepGroupsTogether) {
  const std::vector<std::string> classes = {"a", "b"};
  std::vector<int> labels;
  std::vector<std::string> groups;
  for (int i = 0; i < 60; ++i) {
    labels.push_back(i % 2);
    groups.push_back(i < 40 ? "g" + std::to_string(i % 10) : "");
  }
  const std::vector<int> folds = assign_folds(labels, groups, classes, 5, 3);
  std::map<std::string, std::set<int>> of_group;
  std::vector<std::vector<int>> counts(5, std::vector<int>(2));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!groups[i].empty()) of_group[groups[i]].insert(folds[i]);
    ++counts[static_cast<std::size_t>(folds[i])][static_cast<std::size_t>(labels[i])];
  }
  for (const auto& [group, seen] : of_group) EXPECT_EQ(seen.size(), 1u) << group;
  for (const auto& count : counts) {
    EXPECT_NEAR(count[0], 6, 1);
    EXPECT_NEAR(count[1], 6, 1);
  }
  EXPECT_EQ(folds, assign_folds(labels, groups, classes, 5, 3));
  EXPECT_NE(folds, assign_folds(labels, groups, classes, 5, 4));
}

TEST(Scaling, GivesEveryBlockTheSameWeight) {
  std::mt19937_64 random(test::seed());
  std::normal_distribution<double> normal;
  const std::uint32_t blocks = kMeanBlock | kSurfaceBlock;
  RowMatrix x(300, feature_width(blocks, kHidden));
  for (Eigen::Index i = 0; i < x.size(); ++i) x.data()[i] = normal(random);
  x.leftCols(kHidden) *= 50.0;
  x.col(3).setConstant(7);
  const std::vector<double> weights(300, 1.0 / 300);
  const RowMatrix z = fit_scaling(x, weights, blocks, kHidden).apply(x);
  const double mean = z.leftCols(kHidden).rowwise().squaredNorm().mean();
  const double surface = z.rightCols(kSurfaceFeatures).rowwise().squaredNorm().mean();
  EXPECT_NEAR(surface, 1, 1e-9);
  EXPECT_NEAR(mean, double(kHidden - 1) / kHidden, 1e-9);  // one column never changes
  EXPECT_LT(z.col(3).cwiseAbs().maxCoeff(), 1e-9);
}

}  // namespace
}  // namespace pangu::adaptive
