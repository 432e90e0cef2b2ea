// SPDX-License-Identifier: Apache-2.0
#include "runtime/cache/context_length.h"

#include "base/log.h"
#include "tests/support/letters_tokenizer.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

ModelConfig trained_for(std::int64_t positions) {
  ModelConfig config;
  config.max_position_embeddings = positions;
  return config;
}

TEST(ContextLength, ScalingStretchesWhatAModelWasTrainedFor) {
  ModelConfig config = trained_for(1000);
  EXPECT_EQ(trained_positions(config), 1000);
  config.rope.factor = 4;
  for (const auto type : {RopeConfig::Type::kLinear, RopeConfig::Type::kDynamic}) {
    config.rope.type = type;
    EXPECT_EQ(trained_positions(config), 4000);
  }
  config.rope.original_max_position_embeddings = 500;
  for (const auto type : {RopeConfig::Type::kYarn, RopeConfig::Type::kLlama3}) {
    config.rope.type = type;
    EXPECT_EQ(trained_positions(config), 2000);
  }
  config.rope.original_max_position_embeddings = 100;
  EXPECT_EQ(trained_positions(config), 1000);
  config.rope.factor = 1e300;
  EXPECT_EQ(trained_positions(config), std::int64_t{1} << 31);
}

TEST(ContextLength, BeyondTrainingThereIsAWarning) {
  std::vector<std::string> warnings;
  log::set_sink([&](log::Level level, std::string_view message) {
    if (level == log::Level::kWarning) warnings.emplace_back(message);
  });
  warn_past_training(trained_for(512), 512, "m");
  EXPECT_TRUE(warnings.empty());
  warn_past_training(trained_for(512), 513, "m");
  log::set_sink({});
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("513 positions"), std::string::npos);
  EXPECT_NE(warnings[0].find("m was trained for 512"), std::string::npos);
}

TEST(ContextLength, LongTextsAreRefusedByTheirBeginning) {
  const test::LettersTokenizer letters;
  const std::string text(4 << 20, 'x');
  const TextPiece pieces[] = {{"ab", true}, {text, false}};
  EXPECT_EQ(encode_within(letters, pieces, {}, 100), std::nullopt);
  EXPECT_LT(letters.encoded(), 100'000u);
}

TEST(ContextLength, WhatMayFitIsTokenizedAsAWhole) {
  const test::LettersTokenizer letters({"[m]"});
  for (const std::size_t length : {0, 1, 100, 20'000}) {
    const std::string text(length, 'x');
    const TextPiece pieces[] = {{"é[m]", true}, {text, false}, {"[m]", false}};
    const auto ids = encode_within(letters, pieces, {}, static_cast<std::int64_t>(length) + 6);
    ASSERT_TRUE(ids.has_value()) << length;
    EXPECT_EQ(*ids, letters.encode(pieces, {}));
  }
  // Few tokens for many bytes: what looks long is not refused.
  const test::LettersTokenizer dense({std::string(100, '-')});
  const std::string lines(100'000, '-');
  const TextPiece piece{lines, true};
  EXPECT_EQ(encode_within(dense, std::span(&piece, 1), {}, 1000)->size(), 1000u);
}

}  // namespace
}  // namespace pangu
