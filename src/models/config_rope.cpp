// SPDX-License-Identifier: Apache-2.0
// Which keys each rope_type needs and has, with the defaults of Hugging Face transformers.
#include "models/config_rope.h"

#include <algorithm>
#include <array>

#include "base/clipped.h"
#include "base/error.h"
#include "models/config_limits.h"

namespace pangu {
namespace {

using Type = RopeConfig::Type;

struct Row {
  Type type;
  std::string_view name;
};
constexpr std::array kTypes{Row{Type::kDefault, "default"}, Row{Type::kLinear, "linear"},
                            Row{Type::kDynamic, "dynamic"}, Row{Type::kYarn, "yarn"},
                            Row{Type::kLlama3, "llama3"}};

constexpr double kMaxTheta = 1e15;

Type read_type(const JsonObject& scaling) {
  const std::string text =
      scaling.get_string_or("rope_type", scaling.get_string_or("type", "default"));
  const auto row = std::ranges::find(kTypes, text, &Row::name);
  if (row == kTypes.end()) {
    fail<Unsupported>(
        "[config] {}: {} is '{}'. Known: default, linear, dynamic, yarn, llama3.", scaling.file(),
        scaling.full_key(scaling.contains("rope_type") ? "rope_type" : "type"), clipped(text));
  }
  return row->type;
}

std::optional<double> optional_number(const JsonObject& json, std::string_view key, double min,
                                      double max) {
  if (!json.contains(key)) return std::nullopt;
  return json.get_number(key, min, max);
}

void read_llama3(const JsonObject& scaling, RopeConfig& rope) {
  rope.low_freq_factor = scaling.get_number("low_freq_factor", 1e-3, kMaxFactor);
  rope.high_freq_factor = scaling.get_number("high_freq_factor", 1e-3, kMaxFactor);
  // The ramp between the two divides by their difference.
  if (rope.high_freq_factor <= rope.low_freq_factor) {
    scaling.reject("high_freq_factor",
                   fmt::format("a number above low_freq_factor = {}", rope.low_freq_factor));
  }
  rope.original_max_position_embeddings =
      scaling.get_int("original_max_position_embeddings", 1, kMaxPositions);
}

void read_yarn(const JsonObject& scaling, std::int64_t max_positions, RopeConfig& rope) {
  rope.original_max_position_embeddings =
      scaling.get_int_or("original_max_position_embeddings", max_positions, 1, kMaxPositions);
  rope.attention_factor = optional_number(scaling, "attention_factor", 1e-3, kMaxFactor);
  rope.beta_fast = scaling.get_number_or("beta_fast", rope.beta_fast, 1e-3, kMaxFactor);
  rope.beta_slow = scaling.get_number_or("beta_slow", rope.beta_slow, 1e-3, kMaxFactor);
  if (rope.beta_fast < rope.beta_slow) {
    scaling.reject(scaling.contains("beta_fast") ? "beta_fast" : "beta_slow",
                   "beta_fast of at least beta_slow");
  }
  rope.mscale = optional_number(scaling, "mscale", 0, kMaxFactor);
  rope.mscale_all_dim = optional_number(scaling, "mscale_all_dim", 0, kMaxFactor);
  // transformers takes a zero for absent.
  if (rope.mscale == 0.0) rope.mscale.reset();
  if (rope.mscale_all_dim == 0.0) rope.mscale_all_dim.reset();
  rope.truncate = scaling.get_bool_or("truncate", true);
}

}  // namespace

std::string_view name(RopeConfig::Type type) {
  return std::ranges::find(kTypes, type, &Row::type)->name;
}

RopeConfig parse_rope_config(const JsonObject& config, const Architecture& architecture,
                             std::int64_t max_positions) {
  RopeConfig rope;
  const bool is_new = config.contains("rope_parameters");
  const char* key = is_new ? "rope_parameters" : "rope_scaling";
  // Above 1, because frequencies must fall, and YaRN divides by ln(theta).
  constexpr double kMinTheta = 1.0001;
  if (is_new && config.get_object(key).contains("rope_theta")) {
    rope.theta = config.get_object(key).get_number("rope_theta", kMinTheta, kMaxTheta);
  } else if (architecture.rope_theta) {
    rope.theta = config.get_number_or("rope_theta", *architecture.rope_theta, kMinTheta, kMaxTheta);
  } else {
    rope.theta = config.get_number("rope_theta", kMinTheta, kMaxTheta);
  }
  if (!config.contains(key)) return rope;

  const JsonObject scaling = config.get_object(key);
  rope.type = read_type(scaling);
  if (rope.type == Type::kDefault) return rope;
  rope.factor = scaling.get_number("factor", 1, kMaxFactor);
  if (rope.type == Type::kLlama3) read_llama3(scaling, rope);
  if (rope.type == Type::kYarn) read_yarn(scaling, max_positions, rope);
  return rope;
}

Json rope_scaling_json(const RopeConfig& rope) {
  if (rope.type == Type::kDefault) return nullptr;
  Json json{{"rope_type", name(rope.type)}, {"factor", rope.factor}};
  if (rope.type == Type::kLlama3 || rope.type == Type::kYarn) {
    json["original_max_position_embeddings"] = rope.original_max_position_embeddings;
  }
  if (rope.type == Type::kLlama3) {
    json["low_freq_factor"] = rope.low_freq_factor;
    json["high_freq_factor"] = rope.high_freq_factor;
  }
  if (rope.type == Type::kYarn) {
    json["beta_fast"] = rope.beta_fast;
    json["beta_slow"] = rope.beta_slow;
    json["truncate"] = rope.truncate;
    if (rope.attention_factor) json["attention_factor"] = *rope.attention_factor;
    if (rope.mscale) json["mscale"] = *rope.mscale;
    if (rope.mscale_all_dim) json["mscale_all_dim"] = *rope.mscale_all_dim;
  }
  return json;
}

}  // namespace pangu
