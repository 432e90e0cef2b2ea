// SPDX-License-Identifier: Apache-2.0
#include "models/config/quantization_config.h"

#include "base/clipped.h"
#include "base/error.h"

namespace pangu {
namespace {

constexpr std::string_view kMethod = "pangu";
constexpr int64_t kVersion = 1;

WeightFormat read_format(const JsonObject& json, std::string_view key) {
  if (const auto format = parse_weight_format(json.get_string(key))) return *format;
  std::string known;
  for (const FormatInfo& info : weight_formats()) {
    known += (known.empty() ? "" : ", ") + std::string(info.name);
  }
  json.reject(key, "one of " + known);
}

}  // namespace

WeightFormat QuantizationConfig::format_of(std::string_view tensor_name) const {
  const auto it = tensors.find(tensor_name);
  return it == tensors.end() ? format : it->second;
}

QuantizationConfig parse_quantization_config(const JsonObject& json) {
  const std::string method = json.get_string_or("quant_method", "unnamed");
  if (method != kMethod) {
    fail<Unsupported>(
        "[config] {}: the weights are quantized by the method '{}', which cannot be "
        "read. Use the checkpoint with plain bf16, f16 or f32 weights, and `pangu quantize`.",
        json.file(), clipped(method));
  }
  const int64_t version = json.get_int("version", 1, INT32_MAX);
  if (version > kVersion) {
    fail<Unsupported>(
        "[config] {}: the weights are quantized in version {} of pangu's own form; this program "
        "reads version {}. Use a newer program.",
        json.file(), version, kVersion);
  }
  QuantizationConfig config;
  config.format = read_format(json, "format");
  if (json.contains("tensors")) {
    const JsonObject tensors = json.get_object("tensors");
    for (const auto& [name, ignored] : tensors.json().items()) {
      config.tensors.emplace(name, read_format(tensors, name));
    }
  }
  return config;
}

Json to_json(const QuantizationConfig& config) {
  Json json{{"quant_method", kMethod}, {"version", kVersion}, {"format", name(config.format)}};
  for (const auto& [tensor, format] : config.tensors) json["tensors"][tensor] = name(format);
  return json;
}

}  // namespace pangu
