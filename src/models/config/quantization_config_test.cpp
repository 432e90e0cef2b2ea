// SPDX-License-Identifier: Apache-2.0
#include "models/config/quantization_config.h"

#include "tests/support/support.h"

namespace pangu {
namespace {

QuantizationConfig quantization_config_of(const Json& json) {
  return parse_quantization_config(JsonObject("config.json", json));
}

Json valid() {
  return {{"quant_method", "pangu"},
          {"version", 1},
          {"format", "w4a16-g64"},
          {"tensors", {{"lm_head.weight", "w8a16"}}}};
}

/// The valid one with a key changed.
Json with(const char* key, const Json& value) {
  Json json = valid();
  json[key] = value;
  return json;
}

TEST(QuantizationConfig, ReadsWhatItWrites) {
  const QuantizationConfig config = quantization_config_of(valid());
  EXPECT_EQ(config.format, WeightFormat::kW4A16G64);
  EXPECT_EQ(config.format_of("lm_head.weight"), WeightFormat::kW8A16);
  EXPECT_EQ(config.format_of("model.layers.0.mlp.up_proj.weight"), WeightFormat::kW4A16G64);
  EXPECT_EQ(to_json(config), valid());
  for (const FormatInfo& format : weight_formats()) {
    const QuantizationConfig plain{.format = format.format, .tensors = {}};
    EXPECT_EQ(quantization_config_of(to_json(plain)), plain);
  }
}

TEST(QuantizationConfig, OtherMethodsAndLaterVersionsAreRefused) {
  PANGU_EXPECT_ERROR(quantization_config_of(with("quant_method", "awq")), Unsupported,
                     "config.json", "'awq'");
  PANGU_EXPECT_ERROR(quantization_config_of(with("quant_method", nullptr)), Unsupported,
                     "'unnamed'");
  PANGU_EXPECT_ERROR(quantization_config_of(with("version", 2)), Unsupported, "version 2",
                     "version 1", "newer program");
}

TEST(QuantizationConfig, WrongValuesAreNamedWithWhatWasExpected) {
  PANGU_EXPECT_ERROR(quantization_config_of(with("version", "1")), ConfigError, "version");
  PANGU_EXPECT_ERROR(quantization_config_of(with("version", 0)), ConfigError, "version");
  PANGU_EXPECT_ERROR(quantization_config_of(with("version", nullptr)), ConfigError, "version");
  PANGU_EXPECT_ERROR(quantization_config_of(with("format", "w5")), ConfigError, "config.json",
                     "format", "w5", "w4a16-g64");
  PANGU_EXPECT_ERROR(quantization_config_of(with("format", nullptr)), ConfigError, "format");
  PANGU_EXPECT_ERROR(quantization_config_of(with("tensors", Json::array())), ConfigError,
                     "tensors");
  PANGU_EXPECT_ERROR(quantization_config_of(with("tensors", {{"lm_head.weight", "int3"}})),
                     ConfigError, "tensors.lm_head.weight", "int3", "w8a16");
}

}  // namespace
}  // namespace pangu
