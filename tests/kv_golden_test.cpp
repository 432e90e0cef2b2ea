// SPDX-License-Identifier: Apache-2.0
// What each cache format costs: logits with f32 arithmetic and weights, and keys and values in the
// format, beside those of float64. Bounds are what was measured, on the worst instruction set, and
// 15 % more.
#include <cstring>

#include "io/safetensors.h"
#include "tests/support/model_fixture.h"

namespace pangu {
namespace {

struct KvBounds {
  std::string model;
  KvFormat format;
  double worst;  ///< relative error of the logits of a position, at most
};

class KvGolden : public testing::TestWithParam<KvBounds> {};

/// The largest relative error of a position over all prompts.
double worst_error(test::LoadedModel& model, const SafetensorsFile& golden) {
  const auto vocab = static_cast<std::size_t>(model.network->config().vocab_size);
  double worst = 0;
  for (int p = 0; const TensorView* view = golden.find("ids_" + std::to_string(p)); ++p) {
    const auto wide = test::elements<int64_t>(*view);
    const std::vector<TokenId> ids(wide.begin(), wide.end());
    const auto want = test::elements<float>(*golden.find("logits_" + std::to_string(p)));
    test::Runner run(model, static_cast<int64_t>(ids.size()));
    const std::vector<float> got = run.feed(ids);
    for (std::size_t t = 0; t < ids.size(); ++t) {
      worst = std::max(worst, test::relative_error(std::span(got).subspan(t * vocab, vocab),
                                                   std::span(want).subspan(t * vocab, vocab)));
    }
  }
  return worst;
}

TEST_P(KvGolden, LogitsStayNearFloat64) {
  PANGU_NEEDS_SHARED_DATA();
  const KvBounds& b = GetParam();
  const SafetensorsFile golden(test::shared_dir() / "golden" / (b.model + ".safetensors"));
  for (const Isa isa : test::model_isas()) {
    auto model = test::load_model(b.model, {.threads = 2, .isa = isa, .dtype = DType::kF32});
    model.kv = b.format;
    const double worst = worst_error(model, golden);
    EXPECT_GT(worst, 0.0);
    EXPECT_LE(worst, b.worst) << name(isa);
    std::printf("  %s %s %s: worst relative error %.2e\n", b.model.c_str(), name(isa).data(),
                name(b.format).data(), worst);
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, KvGolden,
                         testing::Values(KvBounds{"pangu-embedded-tiny", KvFormat::kBF16, 0.0112},
                                         KvBounds{"pangu-embedded-tiny", KvFormat::kInt8, 0.037},
                                         KvBounds{"pangu-embedded-tiny", KvFormat::kInt4, 0.47},
                                         KvBounds{"stories260K", KvFormat::kBF16, 0.0096},
                                         KvBounds{"stories260K", KvFormat::kInt8, 0.089},
                                         KvBounds{"stories260K", KvFormat::kInt4, 0.41}),
                         [](const auto& test) {
                           std::string text =
                               test.param.model + "_" + std::string(name(test.param.format));
                           std::replace(text.begin(), text.end(), '-', '_');
                           return text;
                         });

}  // namespace
}  // namespace pangu
