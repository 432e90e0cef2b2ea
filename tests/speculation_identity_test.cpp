// SPDX-License-Identifier: Apache-2.0
// Replies of a trained model with a trained draft are those of plain decoding, token for token, for
// every drafter and kind of weights. PANGU_TEST_PROMPTS and PANGU_TEST_TOKENS make it longer.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/generate/generator.h"
#include "runtime/model.h"
#include "tests/support/support.h"

namespace pangu {
namespace {

/// Prompts of five kinds in turn: talk, sums, passages, code, and text that repeats.
std::string prompt(std::int64_t i) {
  constexpr std::array<std::string_view, 5> kNames = {"Mia", "Carl", "Nora", "Tom", "Iris"};
  constexpr std::array<std::string_view, 4> kThings = {"stones", "apples", "cups", "stamps"};
  const auto name = kNames[static_cast<std::size_t>(i / 5 % 5)];
  const auto thing = kThings[static_cast<std::size_t>(i / 25 % 4)];
  const std::int64_t n = 3 + i * 7 % 90;
  switch (i % 5) {
    case 0:
      return fmt::format("Say the opposite: {} sold {} {} at the garden.", name, n, thing);
    case 1:
      return fmt::format("{} has {} {} and buys {} more. How many {} does {} have now?", name, n,
                         thing, n + 4, thing, name);
    case 2:
      return fmt::format(
          "Passage: On Friday, {} met Mia at the harbor. {} brought {} {}. The order number is {} "
          "and the shop opens at 7 o'clock.\nQuestion: What did {} bring?",
          name, name, n, thing, 8000 + n, name);
    case 3:
      return fmt::format("Write a function to return the count of the numbers below {} in a list.",
                         n);
    default: {
      std::string text = fmt::format("{} {} {} ", name, n, thing);
      for (int doubled = 0; doubled < 4; ++doubled) text += text;
      return text;
    }
  }
}

class SpeculationIdentity : public testing::TestWithParam<const char*> {};

TEST_P(SpeculationIdentity, EveryDrafterGivesTheGreedyReply) {
  const std::string weights = GetParam();
  const std::filesystem::path models = PANGU_MODELS_DIR;
  Context ctx({.threads = 2, .dtype = weights == "f32" ? DType::kF32 : DType::kBF16});
  const LoadModelOptions load{.formats = WeightFormats::parse(weights, "", "")};
  const Model target = load_model(models / "pangu-nano", load, ctx);
  const Model draft = load_model(models / "pangu-pico", load, ctx);
  const KvFormat kv = weights == "f32" ? KvFormat::kF32 : KvFormat::kBF16;

  const std::int64_t prompts =
      test::number_from("PANGU_TEST_PROMPTS", test::takes_fewer() ? 1 : 10);
  GenerateOptions options{.max_tokens = test::number_from("PANGU_TEST_TOKENS", 48),
                          .ignore_eos = true};
  const std::int64_t context = options.max_tokens + 512;
  Generator plain(target, ctx, context, kv, {.mode = SpeculationMode::kOff}, nullptr);
  std::vector<std::vector<TokenId>> want;
  for (std::int64_t i = 0; i < prompts; ++i) {
    want.push_back(plain.generate(target.tokenizer->encode(prompt(i)), options, {}).ids);
  }
  for (const SpeculationMode mode :
       {SpeculationMode::kLookup, SpeculationMode::kSuffix, SpeculationMode::kDraft,
        SpeculationMode::kSelf, SpeculationMode::kAuto}) {
    Generator fast(target, ctx, context, kv, {.mode = mode}, &draft);
    SpeculationStats stats;
    for (std::int64_t i = 0; i < prompts; ++i) {
      const Generation g = fast.generate(target.tokenizer->encode(prompt(i)), options, {});
      ASSERT_EQ(g.ids, want[static_cast<std::size_t>(i)]) << name(mode) << ": " << prompt(i);
      stats.add(g.speculation);
    }
    // Or nothing was tested. `auto` goes by the clock: on a machine that is busy it may not draft.
    if (mode != SpeculationMode::kAuto) {
      EXPECT_GT(stats.drafted, 0) << name(mode);
    }
    RecordProperty(std::string(name(mode)),
                   fmt::format("{} of {} drafted tokens right", stats.accepted, stats.drafted));
  }
}

INSTANTIATE_TEST_SUITE_P(Weights, SpeculationIdentity,
                         testing::Values("f32", "bf16", "w8a16", "w4a16-g64"),
                         [](const auto& weights) {
                           std::string name = weights.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace pangu
