// SPDX-License-Identifier: Apache-2.0
#include "models/gguf/gguf_rope.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/clipped.h"
#include "base/error.h"
#include "models/blocks/rotary.h"
#include "models/config/config_limits.h"

namespace pangu {
namespace {

using Type = RopeConfig::Type;

/// Beside the factors themselves, which are what other readers take.
constexpr std::string_view kLlama3Keys = "pangu.rope.llama3.";
/// Of f32 factors that were computed in f32 or f64.
constexpr double kFactorTolerance = 1e-4;

/// Every key of RoPE that is looked at, behind PREFIX.rope.; the last one says nothing to anybody.
constexpr std::string_view kGgufRopeKeys[] = {"freq_base",
                                              "dimension_count",
                                              "scale_linear",
                                              "scaling.type",
                                              "scaling.factor",
                                              "scaling.attn_factor",
                                              "scaling.original_context_length",
                                              "scaling.yarn_ext_factor",
                                              "scaling.yarn_log_multiplier",
                                              "scaling.yarn_beta_fast",
                                              "scaling.yarn_beta_slow",
                                              "scaling.finetuned"};

[[noreturn]] void refuse(const GgufMetadata& gguf, std::string_view what) {
  fail<Unsupported>(
      "[gguf] {}: {}, which is not supported. Known: linear, yarn and Llama 3's scaling.",
      gguf.file(), what);
}

/// A positive number of a key; the fallback if it is missing or 0.
double number_or(const GgufMetadata& gguf, const std::string& key, double fallback) {
  const auto found = gguf.find_number(key);
  if (!found || *found == 0) return fallback;
  if (*found < 0 || *found > 1e15) {
    fail<ConfigError>(
        "[gguf] {}: the key {} is {}; a positive number was expected. Convert the "
        "model again.",
        gguf.file(), key, *found);
  }
  return shortest_decimal(*found);
}

/// What YaRN's cos and sin are multiplied with beyond the 1 + 0.1 ln(factor) of other readers.
double default_magnitude(double factor) {
  return factor <= 1 ? 1.0 : 0.1 * std::log(factor) + 1.0;
}

void read_yarn(const GgufMetadata& gguf, const std::string& scaling, RopeConfig& rope) {
  if (number_or(gguf, scaling + "yarn_ext_factor", 1) != 1) {
    refuse(gguf, scaling + "yarn_ext_factor is " + gguf.describe(scaling + "yarn_ext_factor"));
  }
  rope.beta_fast = number_or(gguf, scaling + "yarn_beta_fast", rope.beta_fast);
  rope.beta_slow = number_or(gguf, scaling + "yarn_beta_slow", rope.beta_slow);
  const double extra = number_or(gguf, scaling + "attn_factor", 1);
  const double log_multiplier = number_or(gguf, scaling + "yarn_log_multiplier", 0);
  double magnitude = default_magnitude(rope.factor) * extra;
  if (log_multiplier != 0 && rope.factor > 1) {
    magnitude /= 0.1 * log_multiplier * std::log(rope.factor) + 1.0;
  }
  if (extra != 1 || log_multiplier != 0) rope.attention_factor = magnitude;
}

std::vector<float> read_factors(const GgufContent& gguf, std::int64_t head_dim) {
  const GgufTensor* t = gguf.find(kRopeFactorsTensor);
  if (!t) return {};
  if (t->type->name != "f32" || t->count() != head_dim / 2) {
    fail<FileError>("[gguf] {}: {} is {} {}; f32 [{}] was expected. Convert the model again.",
                    gguf.metadata.file(), kRopeFactorsTensor, t->type->name,
                    gguf_shape_text(t->dims), head_dim / 2);
  }
  std::vector<float> factors(static_cast<std::size_t>(head_dim / 2));
  std::memcpy(factors.data(), t->data.data(), t->data.size());
  return factors;
}

bool agree(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(
      a, b, [](float x, float y) { return std::abs(x - y) <= kFactorTolerance * std::abs(y); });
}

/// The parameters of Llama 3's rule that give these factors.
void read_llama3(const GgufMetadata& gguf, const std::string& scaling,
                 const std::vector<float>& factors, ModelConfig config, RopeConfig& rope) {
  const std::string own(kLlama3Keys);
  rope.type = Type::kLlama3;
  rope.factor = number_or(gguf, own + "factor", shortest_decimal(std::ranges::max(factors)));
  rope.low_freq_factor = number_or(gguf, own + "low_freq_factor", 1);
  rope.high_freq_factor = number_or(gguf, own + "high_freq_factor", 4);
  rope.original_max_position_embeddings =
      gguf.find_int(scaling + "original_context_length", 1, kMaxPositions).value_or(8192);
  config.rope = rope;
  const bool possible =
      rope.factor >= 1 && rope.factor <= kMaxFactor && rope.high_freq_factor > rope.low_freq_factor;
  if (!possible || !agree(factors, rope_factors(config))) {
    refuse(gguf,
           fmt::format("{} divides frequencies by factors from {} to {} that are not those "
                       "of Llama 3",
                       kRopeFactorsTensor, std::ranges::min(factors), std::ranges::max(factors)));
  }
}

Type read_type(const GgufMetadata& gguf, const std::string& scaling, double factor) {
  const auto type = gguf.find_string(scaling + "type");
  // Old files give a factor alone, and mean linear.
  if (!type) return factor == 1 ? Type::kDefault : Type::kLinear;
  if (*type == "none") return Type::kDefault;
  if (*type == "linear") return factor == 1 ? Type::kDefault : Type::kLinear;
  if (*type == "yarn") return Type::kYarn;
  refuse(gguf, fmt::format("{}type is '{}'", scaling, clipped(*type)));
}

void require_known_keys(const GgufMetadata& gguf, std::string_view rope_keys) {
  for (const std::string_view key : gguf.keys()) {
    if (!key.starts_with(rope_keys)) continue;
    if (std::ranges::find(kGgufRopeKeys, key.substr(rope_keys.size())) == std::end(kGgufRopeKeys)) {
      refuse(gguf, fmt::format("the key {} is {}", clipped(key), gguf.describe(key)));
    }
  }
}

/// How much is stretched, under its name of today or the one of old files.
double read_factor(const GgufMetadata& gguf, const std::string& rope_keys) {
  const std::string now = rope_keys + "scaling.factor", before = rope_keys + "scale_linear";
  const double old_factor = number_or(gguf, before, 1);
  const double factor = number_or(gguf, now, old_factor);
  if (old_factor != 1 && factor != old_factor) {
    fail<ConfigError>(
        "[gguf] {}: the key {} is {}, but {} is {}; both say the same thing, so one value was "
        "expected. Convert the model again.",
        gguf.file(), now, factor, before, old_factor);
  }
  if (factor > kMaxFactor) refuse(gguf, fmt::format("a RoPE scaling factor of {}", factor));
  return factor;
}

}  // namespace

double shortest_decimal(double stored) {
  const auto narrow = static_cast<float>(stored);
  if (static_cast<double>(narrow) != stored) return stored;
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, narrow).ptr;
  double value = stored;
  std::from_chars(text, end, value);
  return value;
}

RopeConfig gguf_rope_config(const GgufContent& gguf, const std::string& prefix,
                            const ModelConfig& config) {
  const GgufMetadata& m = gguf.metadata;
  const std::string rope_keys = prefix + ".rope.", scaling = rope_keys + "scaling.";
  require_known_keys(m, rope_keys);
  RopeConfig rope;
  // 0 stands for no value in keys of scaling; as a base it is damage.
  const double base = m.find_number(rope_keys + "freq_base").value_or(1e4);
  if (!(base > 1.0001 && base <= 1e15)) {
    fail<ConfigError>(
        "[gguf] {}: the key {}freq_base is {}; a number above 1 was expected. Convert the "
        "model again.",
        m.file(), rope_keys, base);
  }
  rope.theta = shortest_decimal(base);
  const std::int64_t turned =
      m.find_int(rope_keys + "dimension_count", 1, INT32_MAX).value_or(config.head_dim);
  if (turned != config.head_dim) {
    refuse(m, fmt::format("{}dimension_count is {}: only a part of each head of {} is rotated",
                          rope_keys, turned, config.head_dim));
  }
  const double factor = read_factor(m, rope_keys);
  rope.type = read_type(m, scaling, factor);
  if (rope.type != Type::kDefault) rope.factor = factor;
  if (rope.type == Type::kYarn) {
    rope.original_max_position_embeddings =
        m.find_int(scaling + "original_context_length", 1, kMaxPositions)
            .value_or(config.max_position_embeddings);
    read_yarn(m, scaling, rope);
  }
  const std::vector<float> factors = read_factors(gguf, config.head_dim);
  if (!std::ranges::all_of(factors, [](float f) { return f == 1.0f; })) {
    if (rope.type != Type::kDefault) {
      refuse(m, fmt::format("{} beside {} scaling", kRopeFactorsTensor, name(rope.type)));
    }
    read_llama3(m, scaling, factors, config, rope);
  }
  return rope;
}

void put_rope_config(const ModelConfig& config, const std::string& prefix, GgufKeys& keys,
                     std::vector<std::string>& notes) {
  const RopeConfig& rope = config.rope;
  const std::string rope_keys = prefix + ".rope.", scaling = rope_keys + "scaling.";
  keys.put_f32(rope_keys + "freq_base", static_cast<float>(rope.theta));
  keys.put_u32(rope_keys + "dimension_count", static_cast<std::uint32_t>(config.head_dim));
  const auto original = static_cast<std::uint32_t>(rope.original_max_position_embeddings);
  const auto put_type = [&] {
    keys.put_string(scaling + "type", name(rope.type));
    keys.put_f32(scaling + "factor", static_cast<float>(rope.factor));
  };
  switch (rope.type) {
    case Type::kDefault:
      return;
    case Type::kLinear:
      return put_type();
    case Type::kDynamic:
      notes.push_back(fmt::format(
          "GGUF has no dynamic RoPE scaling: it was left out, which changes the model behind {} "
          "tokens.",
          config.max_position_embeddings));
      return;
    case Type::kLlama3: {
      const std::string own(kLlama3Keys);
      keys.put_u32(scaling + "original_context_length", original);
      keys.put_f32(own + "factor", static_cast<float>(rope.factor));
      keys.put_f32(own + "low_freq_factor", static_cast<float>(rope.low_freq_factor));
      keys.put_f32(own + "high_freq_factor", static_cast<float>(rope.high_freq_factor));
      return;
    }
    case Type::kYarn: {
      put_type();
      keys.put_u32(scaling + "original_context_length", original);
      keys.put_f32(scaling + "yarn_beta_fast", static_cast<float>(rope.beta_fast));
      keys.put_f32(scaling + "yarn_beta_slow", static_cast<float>(rope.beta_slow));
      const double magnitude =
          Rotary(rope, config.head_dim, config.max_position_embeddings).magnitude();
      const double extra = magnitude / default_magnitude(rope.factor);
      if (std::abs(extra - 1) > 1e-9) {
        keys.put_f32(scaling + "attn_factor", static_cast<float>(extra));
      }
      if (!rope.truncate) {
        notes.emplace_back(
            "YaRN without truncation has no form in GGUF: other readers round its bounds.");
      }
      return;
    }
  }
}

std::vector<float> rope_factors(const ModelConfig& config) {
  if (config.rope.type != Type::kLlama3) return {};
  RopeConfig plain = config.rope;
  plain.type = Type::kDefault;
  const auto before = Rotary(plain, config.head_dim, 1).frequencies(0);
  const auto after = Rotary(config.rope, config.head_dim, 1).frequencies(0);
  std::vector<float> factors(before.size());
  for (std::size_t j = 0; j < factors.size(); ++j) {
    factors[j] = static_cast<float>(before[j] / after[j]);
  }
  return factors;
}

}  // namespace pangu
