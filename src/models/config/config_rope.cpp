// SPDX-License-Identifier: Apache-2.0
// Which keys each rope_type needs and has, with the defaults of Hugging Face transformers.
#include "models/config/config_rope.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/clipped.h"
#include "base/error.h"
#include "models/config/config_limits.h"
#include "models/config/config_rope_keys.h"

namespace pangu {
namespace {

using Type = RopeConfig::Type;

constexpr std::string_view kOriginal = kRopeOriginalKey;
constexpr std::string_view kDynamicKeys[] = {kOriginal};
constexpr std::string_view kYarnKeys[] = {kOriginal, "attention_factor", "beta_fast", "beta_slow",
                                          "mscale",  "mscale_all_dim",   "truncate",  "finetuned"};
constexpr std::string_view kLlama3RopeKeys[] = {kOriginal, "low_freq_factor", "high_freq_factor"};

struct Row {
  Type type;
  std::string_view name;
  std::span<const std::string_view> keys;  ///< beside those that all have
};
constexpr std::array kTypes{Row{Type::kDefault, "default", {}}, Row{Type::kLinear, "linear", {}},
                            Row{Type::kDynamic, "dynamic", kDynamicKeys},
                            Row{Type::kYarn, "yarn", kYarnKeys},
                            Row{Type::kLlama3, "llama3", kLlama3RopeKeys}};

const Row& row_of(Type type) {
  return *std::ranges::find(kTypes, type, &Row::type);
}

constexpr double kMaxTheta = 1e15;
// Above 1, because frequencies must fall, and YaRN divides by ln(theta).
constexpr double kMinTheta = 1.0001;

Type read_type(const RopeKeys& keys) {
  const auto place = keys.find("rope_type");
  if (!place) return Type::kDefault;
  const std::string& text = place->object->get_string(place->key);
  const auto row = std::ranges::find(kTypes, text, &Row::name);
  if (row == kTypes.end()) {
    fail<Unsupported>("[config] {}: {} is '{}'. Known: default, linear, dynamic, yarn, llama3.",
                      place->object->file(), place->object->full_key(place->key), clipped(text));
  }
  return row->type;
}

double read_theta(const RopeKeys& keys, const Architecture& architecture,
                  const JsonObject& config) {
  if (const auto theta = keys.number(kRopeThetaKey, kMinTheta, kMaxTheta)) return *theta;
  if (architecture.rope_theta) return *architecture.rope_theta;
  return config.get_number(kRopeThetaKey, kMinTheta, kMaxTheta);  // says that it is missing
}

/// A factor that is null stretches nothing; YaRN's then follows from the two lengths.
double read_factor(const RopeKeys& keys, Type type, std::int64_t max_positions) {
  if (!keys.is_null("factor")) return keys.at("factor").get_number("factor", 1, kMaxFactor);
  if (type != Type::kYarn || !keys.has(kOriginal)) return 1;
  const std::int64_t original =
      keys.at(kOriginal).get_int(kOriginal, 1, std::min(max_positions, kMaxPositions));
  return static_cast<double>(max_positions) / static_cast<double>(original);
}

void refuse_partial_rotation(const RopeKeys& keys) {
  if (keys.number(kRopePartialKey, 0, 1).value_or(1) == 1) return;
  const RopeKeys::Place place = *keys.find(kRopePartialKey);
  fail<Unsupported>(
      "[config] {}: {}: only a part of each head is rotated, which is not supported. Use another "
      "model.",
      place.object->file(), place.text());
}

/// Without scaling a factor would have no effect.
void check_unscaled(const RopeKeys& keys) {
  if (keys.number("factor", 0, kMaxFactor).value_or(1) == 1) return;
  keys.at("factor").reject("factor", "1 or null, as rope_type is not given or 'default',");
}

/// The stretching begins at max_position_embeddings; another length would have no effect.
void check_dynamic(const RopeKeys& keys, std::int64_t max_positions) {
  if (!keys.has(kOriginal)) return;
  const JsonObject& object = keys.at(kOriginal);
  if (object.get_int(kOriginal, 1, kMaxPositions) != max_positions) {
    object.reject(kOriginal, fmt::format("max_position_embeddings = {}", max_positions));
  }
}

void read_llama3(const RopeKeys& keys, RopeConfig& rope) {
  const auto number = [&](std::string_view key) {
    return keys.at(key).get_number(key, 1e-3, kMaxFactor);
  };
  rope.low_freq_factor = number("low_freq_factor");
  rope.high_freq_factor = number("high_freq_factor");
  // The ramp between the two divides by their difference.
  if (rope.high_freq_factor <= rope.low_freq_factor) {
    keys.at("high_freq_factor")
        .reject("high_freq_factor",
                fmt::format("a number above low_freq_factor = {}", rope.low_freq_factor));
  }
  rope.original_max_position_embeddings = keys.at(kOriginal).get_int(kOriginal, 1, kMaxPositions);
}

void read_yarn(const RopeKeys& keys, std::int64_t max_positions, RopeConfig& rope) {
  rope.original_max_position_embeddings =
      keys.at(kOriginal).get_int_or(kOriginal, max_positions, 1, kMaxPositions);
  rope.attention_factor = keys.number("attention_factor", 1e-3, kMaxFactor);
  rope.beta_fast = keys.number("beta_fast", 1e-3, kMaxFactor).value_or(rope.beta_fast);
  rope.beta_slow = keys.number("beta_slow", 1e-3, kMaxFactor).value_or(rope.beta_slow);
  if (rope.beta_fast < rope.beta_slow) {
    const char* key = keys.has("beta_fast") ? "beta_fast" : "beta_slow";
    keys.at(key).reject(key, "beta_fast of at least beta_slow");
  }
  rope.mscale = keys.number("mscale", 0, kMaxFactor);
  rope.mscale_all_dim = keys.number("mscale_all_dim", 0, kMaxFactor);
  // transformers takes a zero for absent.
  if (rope.mscale == 0.0) rope.mscale.reset();
  if (rope.mscale_all_dim == 0.0) rope.mscale_all_dim.reset();
  rope.truncate = keys.at("truncate").get_bool_or("truncate", true);
  // Where it is false, the author's code stretches by the length of each text.
  const JsonObject& object = keys.at("finetuned");
  if (!object.get_bool_or("finetuned", true)) object.reject("finetuned", "true");
}

}  // namespace

std::string_view name(RopeConfig::Type type) {
  return row_of(type).name;
}

RopeConfig parse_rope_config(const JsonObject& config, const Architecture& architecture,
                             std::int64_t max_positions) {
  const RopeKeys keys(config);
  RopeConfig rope;
  rope.theta = read_theta(keys, architecture, config);
  rope.type = read_type(keys);
  refuse_partial_rotation(keys);
  keys.require_all_known(name(rope.type), row_of(rope.type).keys);
  if (rope.type == Type::kDefault) {
    check_unscaled(keys);
    return rope;
  }
  rope.factor = read_factor(keys, rope.type, max_positions);
  if (rope.type == Type::kDynamic) check_dynamic(keys, max_positions);
  if (rope.type == Type::kLlama3) read_llama3(keys, rope);
  if (rope.type == Type::kYarn) read_yarn(keys, max_positions, rope);
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
