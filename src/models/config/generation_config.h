// SPDX-License-Identifier: Apache-2.0
// generation_config.json of a Hugging Face folder: how its authors sample from the model.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "io/json.h"
#include "pangu/token.h"

namespace pangu {

/// Defaults are neutral: what the file does not ask for is not applied. (transformers would apply
/// top_k 50 where the file leaves it out.)
struct GenerationConfig {
  bool do_sample = false;
  double temperature = 1;
  std::int64_t top_k = 0;  ///< 0 is off
  double top_p = 1;
  double min_p = 0;
  double repetition_penalty = 1;
  std::optional<std::int64_t> max_new_tokens;
  std::optional<TokenId> bos_token_id;
  std::vector<TokenId> eos_token_ids;
  std::optional<TokenId> pad_token_id;

  bool operator==(const GenerationConfig&) const = default;
};

/// Reads `generation_config.json` of a folder; the defaults if there is none. Throws FileError and
/// ConfigError as read_json and JsonObject do.
GenerationConfig read_generation_config(const std::filesystem::path& folder);

/// The same from parsed JSON; `file` names it in messages.
GenerationConfig parse_generation_config(const Json& json, std::string_view file);

/// generation_config.json for this advice.
Json to_json(const GenerationConfig& config);

}  // namespace pangu
