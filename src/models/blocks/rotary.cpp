// SPDX-License-Identifier: Apache-2.0
#include "models/blocks/rotary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/host.h"

namespace pangu {
namespace {

using std::numbers::pi;

/// w_j = theta^(-2j / D)
std::vector<double> plain(double theta, int64_t head_dim) {
  std::vector<double> w(static_cast<std::size_t>(head_dim / 2));
  for (std::size_t j = 0; j < w.size(); ++j) {
    w[j] = std::pow(theta, -2.0 * static_cast<double>(j) / static_cast<double>(head_dim));
  }
  return w;
}

/// Long wavelengths are stretched, short ones kept, those between blended (Llama 3.1).
void scale_llama3(const RopeConfig& c, std::vector<double>& w) {
  const auto original = static_cast<double>(c.original_max_position_embeddings);
  for (double& f : w) {
    const double wavelength = 2 * pi / f;
    if (wavelength > original / c.low_freq_factor) {
      f /= c.factor;
    } else if (wavelength >= original / c.high_freq_factor) {
      const double s =
          (original / wavelength - c.low_freq_factor) / (c.high_freq_factor - c.low_freq_factor);
      f = (1 - s) * f / c.factor + s * f;
    }
  }
}

/// Peng et al. 2023, arXiv:2309.00071: dimensions that turn more than beta_fast times within the
/// original context are kept, those below beta_slow are stretched, with a ramp between.
void scale_yarn(const RopeConfig& c, int64_t head_dim, std::vector<double>& w) {
  const auto original = static_cast<double>(c.original_max_position_embeddings);
  const auto dimension = [&](double turns) {
    return static_cast<double>(head_dim) * std::log(original / (turns * 2 * pi)) /
           (2 * std::log(c.theta));
  };
  double low = dimension(c.beta_fast), high = dimension(c.beta_slow);
  if (c.truncate) low = std::floor(low), high = std::ceil(high);
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(head_dim - 1));
  if (low == high) high += 0.001;
  for (std::size_t j = 0; j < w.size(); ++j) {
    const double ramp = std::clamp((static_cast<double>(j) - low) / (high - low), 0.0, 1.0);
    w[j] = w[j] / c.factor * ramp + w[j] * (1 - ramp);
  }
}

double yarn_magnitude(const RopeConfig& c) {
  if (c.attention_factor) return *c.attention_factor;
  const auto scale = [&](double m) {
    return c.factor <= 1 ? 1.0 : 0.1 * m * std::log(c.factor) + 1.0;
  };
  if (c.mscale && c.mscale_all_dim) return scale(*c.mscale) / scale(*c.mscale_all_dim);
  return scale(1.0);
}

}  // namespace

Rotary::Rotary(const RopeConfig& config, int64_t head_dim, int64_t max_position_embeddings)
    : config_(config), head_dim_(head_dim), max_position_embeddings_(max_position_embeddings) {
  if (head_dim <= 0 || head_dim % 2 != 0) {
    fail<ConfigError>("[rope] head_dim is {}; it must be even and positive.", head_dim);
  }
  frequencies_ = plain(config.theta, head_dim);
  switch (config.type) {
    case RopeConfig::Type::kDefault:
    case RopeConfig::Type::kDynamic:
      break;
    case RopeConfig::Type::kLinear:
      for (double& f : frequencies_) f /= config.factor;
      break;
    case RopeConfig::Type::kLlama3:
      scale_llama3(config, frequencies_);
      break;
    case RopeConfig::Type::kYarn:
      scale_yarn(config, head_dim, frequencies_);
      magnitude_ = yarn_magnitude(config);
      break;
  }
}

std::vector<double> Rotary::frequencies(int64_t position) const {
  const int64_t length = position + 1;
  if (config_.type != RopeConfig::Type::kDynamic || length <= max_position_embeddings_) {
    return frequencies_;
  }
  const auto d = static_cast<double>(head_dim_);
  const double stretch =
      config_.factor * static_cast<double>(length) / static_cast<double>(max_position_embeddings_) -
      (config_.factor - 1);
  return plain(config_.theta * std::pow(stretch, d / (d - 2)), head_dim_);
}

ops::RopeAngles Rotary::angles(std::span<const std::int32_t> positions, Context& ctx) const {
  const auto n = static_cast<int64_t>(positions.size());
  const int64_t half = head_dim_ / 2;
  const Mirror cos(ctx.empty({n, half}, DType::kF32)), sin(ctx.empty({n, half}, DType::kF32));
  const std::span<float> cosines = cos.values(), sines = sin.values();
  ctx.threads().parallel_for(n, 16, [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; ++t) {
      const std::int32_t position = positions[static_cast<std::size_t>(t)];
      const std::vector<double> w = frequencies(position);
      for (int64_t j = 0; j < half; ++j) {
        const double angle = position * w[static_cast<std::size_t>(j)];
        const auto at = static_cast<std::size_t>(t * half + j);
        cosines[at] = static_cast<float>(std::cos(angle) * magnitude_);
        sines[at] = static_cast<float>(std::sin(angle) * magnitude_);
      }
    }
  });
  cos.upload();
  sin.upload();
  return {cos.on_device(), sin.on_device()};
}

}  // namespace pangu
