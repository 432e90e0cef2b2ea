// SPDX-License-Identifier: Apache-2.0
// Reading generation_config.json.
#include "models/config/generation_config.h"

#include <algorithm>
#include <limits>
#include <string>
#include <system_error>

namespace pangu {
namespace {

constexpr std::int64_t kMaxTokenId = std::numeric_limits<TokenId>::max();

std::optional<TokenId> read_token_id(const JsonObject& json, std::string_view key) {
  const std::int64_t id = json.get_int_or(key, -1, -1, kMaxTokenId);
  return id < 0 ? std::nullopt : std::optional(static_cast<TokenId>(id));
}

}  // namespace

GenerationConfig parse_generation_config(const Json& value, std::string_view file) {
  const JsonObject json{std::string(file), value};
  GenerationConfig config;
  config.do_sample = json.get_bool_or("do_sample", config.do_sample);
  config.temperature = json.get_number_or("temperature", config.temperature, 0, 100);
  // Some servers write -1 for off.
  config.top_k = std::max<std::int64_t>(0, json.get_int_or("top_k", config.top_k, -1, kMaxTokenId));
  config.top_p = json.get_number_or("top_p", config.top_p, 1e-6, 1);
  config.min_p = json.get_number_or("min_p", config.min_p, 0, 1);
  config.repetition_penalty =
      json.get_number_or("repetition_penalty", config.repetition_penalty, 1e-3, 1000);
  if (json.contains("max_new_tokens")) {
    config.max_new_tokens = json.get_int("max_new_tokens", 1, kMaxTokenId);
  }
  config.bos_token_id = read_token_id(json, "bos_token_id");
  config.pad_token_id = read_token_id(json, "pad_token_id");
  if (json.contains("eos_token_id")) {
    for (const std::int64_t id : json.get_ints("eos_token_id", -1, kMaxTokenId)) {
      if (id >= 0) config.eos_token_ids.push_back(static_cast<TokenId>(id));
    }
  }
  return config;
}

GenerationConfig read_generation_config(const std::filesystem::path& folder) {
  const auto file = folder / "generation_config.json";
  std::error_code error;
  if (std::filesystem::status(file, error).type() == std::filesystem::file_type::not_found) {
    return {};
  }
  return parse_generation_config(read_json(file, {.max_bytes = std::size_t{4} << 20}),
                                 file.string());
}

Json to_json(const GenerationConfig& c) {
  Json json{{"do_sample", c.do_sample}};
  if (c.do_sample) {
    json["temperature"] = c.temperature;
    json["top_k"] = c.top_k;
    json["top_p"] = c.top_p;
    if (c.min_p != 0) json["min_p"] = c.min_p;
  }
  if (c.repetition_penalty != 1) json["repetition_penalty"] = c.repetition_penalty;
  if (c.max_new_tokens) json["max_new_tokens"] = *c.max_new_tokens;
  if (c.bos_token_id) json["bos_token_id"] = *c.bos_token_id;
  if (c.pad_token_id) json["pad_token_id"] = *c.pad_token_id;
  if (c.eos_token_ids.size() == 1) json["eos_token_id"] = c.eos_token_ids.front();
  if (c.eos_token_ids.size() > 1) json["eos_token_id"] = c.eos_token_ids;
  return json;
}

}  // namespace pangu
