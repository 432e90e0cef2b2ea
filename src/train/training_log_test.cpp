// SPDX-License-Identifier: Apache-2.0
#include "train/training_log.h"

#include <gtest/gtest.h>

#include "tests/support/support.h"

namespace pangu {
namespace {

LogRow row(std::int64_t step, std::optional<double> validation = {}) {
  return {.step = step,
          .tokens = 10 * step,
          .loss = 3.5,
          .validation_loss = validation,
          .learning_rate = 1e-3,
          .gradient_norm = 0.25,
          .tokens_per_s = 1000,
          .flops_per_s = 2e9};
}

TEST(TrainingLog, ResumingDropsWhatCameAfterAndATornLine) {
  const test::ScratchDir scratch;
  const auto file = scratch / "log.csv";
  {
    TrainingLog log(file, 0);
    for (int step = 1; step <= 5; ++step)
      log.append(row(step, step == 2 ? std::optional(2.5) : std::nullopt));
  }
  const std::string whole = test::read_file(file);
  test::write_file(file, whole + "6,60,3.5");
  TrainingLog log(file, 3);
  ASSERT_EQ(log.rows().size(), 3u);
  EXPECT_EQ(log.rows()[1].validation_loss, 2.5);
  EXPECT_FALSE(log.rows()[2].validation_loss);
  log.append(row(4));
  log.append(row(5));
  EXPECT_EQ(test::read_file(file), whole);
  EXPECT_EQ(
      whole.substr(0, whole.find('\n')),
      "step,tokens,loss,validation_loss,learning_rate,gradient_norm,tokens_per_s,flops_per_s");
  EXPECT_NE(whole.find("\n2,20,3.500000,2.500000,0.001,0.25,1000.0,2e+09\n"), std::string::npos);
  log.write_plot(scratch / "loss.svg");
  EXPECT_NE(test::read_file(scratch / "loss.svg").find("<svg"), std::string::npos);
}

TEST(TrainingLog, OtherFilesAreRefused) {
  const test::ScratchDir scratch;
  test::write_file(scratch / "log.csv", "a,b\n1,2\n");
  PANGU_EXPECT_ERROR(TrainingLog(scratch / "log.csv", 0), FileError, "log.csv", "something else");
  EXPECT_EQ(test::read_file(scratch / "log.csv"), "a,b\n1,2\n");
}

}  // namespace
}  // namespace pangu
