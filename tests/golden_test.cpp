// SPDX-License-Identifier: Apache-2.0
// Logits and greedy ids of three checkpoints against goldens computed in float64.
#include <cstring>

#include "io/json.h"
#include "io/safetensors.h"
#include "tests/support/model_fixture.h"

namespace pangu {
namespace {

struct GoldenCase {
  std::string model;
  Isa isa;
  DType dtype;
};

std::vector<GoldenCase> golden_cases() {
  std::vector<GoldenCase> cases;
  for (const char* model : {"pangu-embedded-tiny", "pangu-embedded-tiny-untied", "stories260K"}) {
    for (const Isa isa : test::model_isas()) {
      for (const DType dtype : {DType::kF32, DType::kBF16}) cases.push_back({model, isa, dtype});
    }
  }
  return cases;
}

class Golden : public testing::TestWithParam<GoldenCase> {};

TEST_P(Golden, LogitsOfEveryPositionMatchTheFloat64Reference) {
  PANGU_NEEDS_SHARED_DATA();
  const GoldenCase& c = GetParam();
  auto model = test::load_model(c.model, {.threads = 2, .isa = c.isa, .dtype = c.dtype});
  const SafetensorsFile golden(test::shared_dir() / "golden" / (c.model + ".safetensors"));
  const int64_t vocab = model.network->config().vocab_size;
  const double bound = c.dtype == DType::kF32 ? 1e-5 : 2e-2;
  int prompts = 0;
  double worst = 0;
  for (; golden.find("ids_" + std::to_string(prompts)); ++prompts) {
    const TensorView& ids_view = *golden.find("ids_" + std::to_string(prompts));
    const TensorView& want_view = *golden.find("logits_" + std::to_string(prompts));
    std::vector<int64_t> wide(ids_view.data.size() / 8);
    std::memcpy(wide.data(), ids_view.data.data(), ids_view.data.size());
    const std::vector<TokenId> ids(wide.begin(), wide.end());
    std::vector<float> want(want_view.data.size() / 4);
    std::memcpy(want.data(), want_view.data.data(), want_view.data.size());

    test::Runner run(model, static_cast<int64_t>(ids.size()));
    const std::vector<float> got = run.feed(ids);
    ASSERT_EQ(got.size(), want.size());
    for (std::size_t t = 0; t < ids.size(); ++t) {
      const auto row = [&](const std::vector<float>& v) {
        return std::span(v).subspan(t * static_cast<std::size_t>(vocab),
                                    static_cast<std::size_t>(vocab));
      };
      const double error = test::relative_error(row(got), row(want));
      worst = std::max(worst, error);
      ASSERT_LE(error, bound) << "prompt " << prompts << " position " << t;
    }
  }
  EXPECT_GT(prompts, 0);
  RecordProperty("worst_relative_error", fmt::format("{:.2e}", worst));
  std::printf("  %s %s %s: worst relative error %.2e\n", c.model.c_str(), name(c.isa).data(),
              name(c.dtype).data(), worst);
}

INSTANTIATE_TEST_SUITE_P(AllModels, Golden, testing::ValuesIn(golden_cases()),
                         [](const auto& test) {
                           std::string text = test.param.model + "_" +
                                              std::string(name(test.param.isa)) + "_" +
                                              std::string(name(test.param.dtype));
                           std::replace(text.begin(), text.end(), '-', '_');
                           return text;
                         });

class GoldenGreedy : public testing::TestWithParam<DType> {};

TEST_P(GoldenGreedy, StoriesContinueWithTheSameIds) {
  PANGU_NEEDS_SHARED_DATA();
  const Json cases = read_json(test::shared_dir() / "golden/stories260K_greedy.json");
  for (const Isa isa : supported_isas()) {
    auto model = test::load_model("stories260K", {.threads = 2, .isa = isa, .dtype = GetParam()});
    const auto vocab = static_cast<std::size_t>(model.network->config().vocab_size);
    for (const auto& c : cases) {
      auto ids = c["prompt_ids"].get<std::vector<TokenId>>();
      const auto want = c["greedy_ids"].get<std::vector<TokenId>>();
      test::Runner run(model, static_cast<int64_t>(ids.size() + want.size()));
      std::vector<TokenId> got;
      while (got.size() < want.size()) {
        const std::vector<float> logits = run.feed(ids);
        const auto last = logits.end() - static_cast<std::ptrdiff_t>(vocab);
        got.push_back(static_cast<TokenId>(std::max_element(last, logits.end()) - last));
        ids = {got.back()};
      }
      EXPECT_EQ(got, want) << name(isa) << " " << c["prompt"];
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Dtypes, GoldenGreedy, testing::Values(DType::kF32, DType::kBF16),
                         [](const auto& test) { return std::string(name(test.param)); });

}  // namespace
}  // namespace pangu
