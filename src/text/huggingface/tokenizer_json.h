// SPDX-License-Identifier: Apache-2.0
// Hugging Face's tokenizer.json: one JSON object with the stages of a tokenizer. Anything this
// version does not know is refused by name, because ignoring it would change ids silently.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/json.h"
#include "pangu/tokenizer.h"
#include "text/huggingface/tokenizer_config.h"
#include "text/pre_tokenizer/pretokenizer.h"
#include "text/pre_tokenizer/tokenizer_normalizer.h"

namespace pangu::text {

/// Builds the tokenizer that `json` describes, with what the files beside it say. Throws
/// Unsupported for unknown components, ConfigError and FileError for what contradicts itself.
std::shared_ptr<const Tokenizer> make_tokenizer_json(const JsonObject& json,
                                                     const TokenizerConfig& config);

/// The steps of a "normalizer" object; nested sequences are flattened.
std::vector<NormalizerStep> read_normalizer(const JsonObject& json);

/// The steps of a "pre_tokenizer" object; nested sequences are flattened.
std::vector<PreTokenizerStep> read_pre_tokenizer(const JsonObject& json);

/// What a "decoder" does, as far as it differs between tokenizers.
struct DecoderFacts {
  bool byte_level = false;
  bool byte_fallback = false;
  std::vector<std::pair<std::string, std::string>> replacements;  ///< literal, in order
  LeadingSpace leading_space = LeadingSpace::kKeep;
};
DecoderFacts read_decoder(const JsonObject& json);

/// The pattern of a Split or Replace: {"Regex": "..."} or {"String": "..."}.
std::variant<Regex, std::string> read_pattern(const JsonObject& json);

/// Calls `each` with every element of the array `key`. Messages about one name its index and type,
/// "tokenizer.json, normalizer.normalizers[1] (Replace)"; JSON nesting is limited by the parser.
void for_each_component(const JsonObject& json, std::string_view key,
                        const std::function<void(const JsonObject&)>& each);

/// Refuses the component `json` (a "pre_tokenizer", say) of the type it names.
[[noreturn]] void refuse_component(const JsonObject& json, std::string_view component,
                                   std::string_view detail = "");

}  // namespace pangu::text
