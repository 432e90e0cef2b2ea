// SPDX-License-Identifier: Apache-2.0
// What each weight format costs: logits of a quantized model beside those of float64.
//
// Two numbers are bounded for each format. The error says how far logits are from the reference;
// the gain, the factor by which they are larger, says whether scales are right, which the error of
// the coarse formats would hide. A control multiplies all scales by 0.98 or 1.02 and must break a
// bound. The golden model has random weights and enlarges what is rounded about tenfold.
// Bounds are what was measured and 15 % more.
#include <cmath>
#include <cstring>
#include <map>

#include "io/safetensors.h"
#include "models/config/config_shapes.h"
#include "models/schema.h"
#include "quant/encoded_rows.h"
#include "tests/support/model_fixture.h"

namespace pangu {
namespace {

/// The matrices of another source as `format` keeps them, with all scales off by a factor.
class MiscaledSource : public WeightSource {
 public:
  MiscaledSource(const ModelConfig& config, WeightSource& source, WeightFormats formats,
                 float factor)
      : config_(config), source_(source), formats_(formats), factor_(factor) {}

  bool has(const std::string& name) const override { return source_.has(name); }
  StoredMatrix matrix(const std::string& name, int64_t rows, int64_t k) override {
    const StoredMatrix from = source_.matrix(name, rows, k);
    const WeightPart part = weight_part(find_tensor(config_, name)->role);
    EncodedRows encoded(*plan_format(formats_, part, k), 1, k);
    std::vector<float>& values = values_[name];
    values.resize(static_cast<std::size_t>(rows * k));
    for (int64_t r = 0; r < rows; ++r) {
      encoded.encode(0, from.row(r));
      decode_row(encoded.row(0), k, values.data() + r * k);
    }
    for (float& x : values) x *= factor_;
    return {.format = WeightFormat::kF32,
            .rows = rows,
            .k = k,
            .data = {reinterpret_cast<const std::byte*>(values.data()),
                     static_cast<std::size_t>(k) * sizeof(float)},
            .scales = {},
            .zeros = {}};
  }
  std::vector<float> vector(const std::string& name, int64_t n) override {
    return source_.vector(name, n);
  }
  void release(const std::string&) override {}
  std::vector<std::string> names() const override { return source_.names(); }

 private:
  ModelConfig config_;
  WeightSource& source_;
  WeightFormats formats_;
  float factor_;
  std::map<std::string, std::vector<float>> values_;
};

/// Prompts and the logits of all their positions.
struct Reference {
  std::vector<std::vector<TokenId>> prompts;
  std::vector<std::vector<float>> logits;
};

struct Distance {
  double worst = 0;  ///< largest relative error of a position
  double gain = 0;   ///< <got, want> / <want, want> over everything
};

Distance distance(test::LoadedModel& model, const Reference& reference) {
  const auto vocab = static_cast<std::size_t>(model.network->config().vocab_size);
  Distance d;
  double product = 0, norm = 0;
  for (std::size_t p = 0; p < reference.prompts.size(); ++p) {
    const std::vector<TokenId>& ids = reference.prompts[p];
    const std::vector<float>& want = reference.logits[p];
    test::Runner run(model, static_cast<int64_t>(ids.size()));
    const std::vector<float> got = run.feed(ids);
    for (std::size_t t = 0; t < ids.size(); ++t) {
      d.worst = std::max(d.worst, test::relative_error(std::span(got).subspan(t * vocab, vocab),
                                                       std::span(want).subspan(t * vocab, vocab)));
    }
    for (std::size_t i = 0; i < want.size(); ++i) {
      product += double(got[i]) * want[i];
      norm += double(want[i]) * want[i];
    }
  }
  d.gain = product / norm;
  return d;
}

Reference golden(const std::string& model) {
  const SafetensorsFile file(test::shared_dir() / "golden" / (model + ".safetensors"));
  Reference out;
  for (int p = 0; const TensorView* ids = file.find("ids_" + std::to_string(p)); ++p) {
    const auto wide = test::elements<int64_t>(*ids);
    out.prompts.emplace_back(wide.begin(), wide.end());
    out.logits.push_back(test::elements<float>(*file.find("logits_" + std::to_string(p))));
  }
  return out;
}

test::LoadedModel load(const ModelConfig& config, WeightSource& source,
                       const WeightFormats& formats, Isa isa) {
  test::LoadedModel m;
  m.ctx = std::make_unique<Context>(ContextOptions{.threads = 2, .isa = isa, .dtype = DType::kF32});
  m.network = load_language_model(config, source, {.formats = formats, .progress = {}}, *m.ctx);
  return m;
}

/// Around the measured gain, which coarse formats have below 1: part of what they compute no longer
/// points where it should. Scales that are off by 2 % move it by 0.008 or more.
constexpr double kGainTolerance = 0.005;

struct FormatBounds {
  WeightFormat format;
  double worst;  ///< at most
  double gain;   ///< about
};

std::string test_name(const testing::TestParamInfo<FormatBounds>& test) {
  std::string text(name(test.param.format));
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

void check(const ModelConfig& config, WeightSource& source, const Reference& reference,
           const FormatBounds& bounds) {
  const WeightFormats formats{.layers = bounds.format, .head = {}, .embedding = {}};
  const auto within = [&](const Distance& d) {
    return d.worst <= bounds.worst && std::abs(d.gain - bounds.gain) <= kGainTolerance;
  };
  for (const Isa isa : test::model_isas()) {
    auto model = load(config, source, formats, isa);
    const Distance d = distance(model, reference);
    EXPECT_TRUE(within(d)) << name(isa) << " error " << d.worst << " gain " << d.gain;
    std::printf("  %s %s: worst relative error %.2e, gain %.4f\n", name(bounds.format).data(),
                name(isa).data(), d.worst, d.gain);
  }
  for (const float factor : {0.98f, 1.02f}) {
    MiscaledSource wrong(config, source, formats, factor);
    auto model = load(config, wrong, {}, detected_isa());
    const Distance d = distance(model, reference);
    EXPECT_FALSE(within(d)) << "scales times " << factor << " go unnoticed: error " << d.worst
                            << " gain " << d.gain;
  }
}

class QuantizedGolden : public testing::TestWithParam<FormatBounds> {};

TEST_P(QuantizedGolden, LogitsStayNearFloat64) {
  PANGU_NEEDS_SHARED_DATA();
  const auto folder = test::shared_dir() / "models/pangu-embedded-tiny";
  const Checkpoint checkpoint = Checkpoint::open(folder);
  const ModelConfig config = read_model_config(folder);
  const auto source = checkpoint_source(checkpoint, config.quantization);
  check(config, *source, golden("pangu-embedded-tiny"), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Formats, QuantizedGolden,
                         testing::Values(FormatBounds{WeightFormat::kW8A16, 0.081, 0.9994},
                                         FormatBounds{WeightFormat::kW8A8, 0.118, 0.999},
                                         FormatBounds{WeightFormat::kW4A16G32, 0.75, 0.9221},
                                         FormatBounds{WeightFormat::kW4A16G64, 0.86, 0.9117},
                                         FormatBounds{WeightFormat::kW4A16G128, 1.04, 0.8928},
                                         FormatBounds{WeightFormat::kW4A16G32Asym, 0.59, 0.9461},
                                         FormatBounds{WeightFormat::kW4A16G64Asym, 0.91, 0.9356},
                                         FormatBounds{WeightFormat::kW4A16G128Asym, 0.74, 0.9213},
                                         FormatBounds{WeightFormat::kW4A8G32, 0.74, 0.9219},
                                         FormatBounds{WeightFormat::kW4A8G64, 0.87, 0.9115},
                                         FormatBounds{WeightFormat::kW4A8G128, 1.05, 0.8925},
                                         FormatBounds{WeightFormat::kQ8_0, 0.058, 0.9996},
                                         FormatBounds{WeightFormat::kQ4_0, 0.68, 0.9469},
                                         FormatBounds{WeightFormat::kQ4_0_64, 0.64, 0.9341}),
                         test_name);

/// The rows of the golden model do not divide into blocks of 256, so these formats are held against
/// the f32 logits of a random model whose rows do.
class QuantizedRandom : public testing::TestWithParam<FormatBounds> {};

TEST_P(QuantizedRandom, LogitsStayNearThoseOfFloats) {
  ModelConfig config = *named_shape("openpangu-embedded-1b");
  config.hidden_size = 256, config.n_layers = 3, config.n_heads = 4, config.n_kv_heads = 2;
  config.head_dim = 64, config.intermediate_size.assign(3, 512), config.vocab_size = 301;
  const auto source = random_source(config, DType::kF32, 1);
  Reference reference;
  reference.prompts = {{5, 17, 300, 1, 2, 88, 140, 9, 9, 250, 31}};
  auto exact = load(config, *source, {}, detected_isa());
  test::Runner run(exact, 16);
  reference.logits.push_back(run.feed(reference.prompts[0]));
  check(config, *source, reference, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Formats, QuantizedRandom,
                         testing::Values(FormatBounds{WeightFormat::kQ4_K, 0.178, 0.9906},
                                         FormatBounds{WeightFormat::kQ6_K, 0.053, 1.0001}),
                         test_name);

}  // namespace
}  // namespace pangu
