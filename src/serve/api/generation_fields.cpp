// SPDX-License-Identifier: Apache-2.0
#include "serve/api/generation_fields.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <random>

#include "base/clipped.h"
#include "base/utf8.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr float kMaxTemperature = 100;
constexpr double kMaxBias = 100;
constexpr std::size_t kMaxBiased = 1000;

/// Seeds that are drawn fit a double, so that every client can say them again.
std::uint64_t drawn_seed() {
  std::random_device random;
  return (std::uint64_t{random()} << 21) ^ random();
}

/// {"17": -100}: ids of tokens as text, as OpenAI has them.
std::vector<LogitBias> read_logit_bias(Fields& body) {
  const OrderedJson* given = body.find("logit_bias");
  if (given == nullptr) return {};
  const std::string expected =
      fmt::format("an object of at most {} ids of tokens with numbers from {} to {}", kMaxBiased,
                  -kMaxBias, kMaxBias);
  if (!given->is_object() || given->size() > kMaxBiased) body.reject("logit_bias", expected);
  std::vector<LogitBias> out;
  for (const auto& [key, bias] : given->items()) {
    TokenId id = -1;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    const bool is_id = error == std::errc() && end == key.data() + key.size() && id >= 0;
    if (!is_id || !bias.is_number() || std::abs(bias.get<double>()) > kMaxBias) {
      throw bad_request(
          body.name("logit_bias"),
          fmt::format("{} has {} for token \"{}\". Expected: {}.", body.name("logit_bias"),
                      describe(bias), clipped(key, 40), expected));
    }
    out.push_back({id, bias.get<float>()});
  }
  return out;
}

}  // namespace

SamplingOptions read_sampling(Fields& body, const SamplingOptions& advised) {
  SamplingOptions s = advised;
  const auto set = [&](float& value, std::string_view key, double min, double max) {
    if (const auto given = body.number(key, min, max)) value = static_cast<float>(*given);
  };
  set(s.temperature, "temperature", 0, kMaxTemperature);
  set(s.top_p, "top_p", 0, 1);
  set(s.min_p, "min_p", 0, 1);
  set(s.presence_penalty, "presence_penalty", -2, 2);
  set(s.frequency_penalty, "frequency_penalty", -2, 2);
  // The names of Hugging Face and vLLM, and of llama.cpp.
  set(s.repetition_penalty, "repetition_penalty", 1e-3, 100);
  set(s.repetition_penalty, "repeat_penalty", 1e-3, 100);
  if (const auto k = body.integer("top_k", -1, std::numeric_limits<int>::max())) {
    s.top_k = *k == -1 ? 0 : static_cast<int>(*k);  // -1 is vLLM's word for off
  }
  const auto seed = body.integer("seed", std::numeric_limits<std::int64_t>::min(), kMost);
  // -1 is what clients of llama.cpp and Ollama say for any.
  s.seed = seed && *seed != -1 ? static_cast<std::uint64_t>(*seed) : drawn_seed();
  s.logit_bias = read_logit_bias(body);
  try {
    s.validate();
  } catch (const Error& error) {
    throw bad_request("", error.what());
  }
  return s;
}

std::vector<std::string> read_stops(Fields& body, std::string_view key,
                                    const RequestLimits& limits) {
  std::vector<std::string> stops = body.texts(key, limits.max_stops);
  for (const std::string& stop : stops) {
    if (stop.empty() || stop.size() > limits.max_stop_bytes) {
      body.reject(key, fmt::format("texts of 1 to {} bytes", limits.max_stop_bytes));
    }
  }
  return stops;
}

ReplyWishes read_reply_wishes(Fields& body, const Engine& engine, const RequestLimits& limits) {
  ReplyWishes out;
  out.options.sampling = read_sampling(body, engine.default_sampling());
  for (const std::string_view key : {"max_tokens", "max_completion_tokens"}) {
    if (const auto most = body.integer(key, 0, kMost)) out.options.max_tokens = *most;
  }
  out.options.stop = read_stops(body, "stop", limits);
  if (const auto ignore = body.boolean("ignore_eos")) out.options.ignore_eos = *ignore;
  if (const auto salt = body.text("cache_salt")) {
    if (salt->empty() || salt->size() > limits.max_salt_bytes) {
      throw bad_request("cache_salt",
                        fmt::format("It must have 1 to {} bytes.", limits.max_salt_bytes));
    }
    out.options.cache_salt = *salt;
  }
  out.choices = body.integer("n", 1, limits.max_choices).value_or(1);
  out.stream = body.boolean("stream").value_or(false);
  // Proxies send it without stream, too: it means nothing then.
  if (auto stream = body.object("stream_options")) {
    out.include_usage = stream->boolean("include_usage").value_or(false);
    stream->ignore({"include_obfuscation"});
  }
  return out;
}

}  // namespace pangu::serve
