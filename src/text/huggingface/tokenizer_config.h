// SPDX-License-Identifier: Apache-2.0
// What the side files of a Hugging Face tokenizer say: tokenizer_config.json,
// special_tokens_map.json, added_tokens.json and chat_template.jinja.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "io/json.h"
#include "text/tokenizer/added_tokens.h"
#include "text/tokenizer/tokenizer_vocabulary.h"

namespace pangu::text {

struct TokenizerConfig {
  std::string file;         ///< the folder, for messages
  bool has_config = false;  ///< tokenizer_config.json exists
  std::optional<std::string> bos, eos, pad, unk;
  std::optional<bool> add_bos, add_eos, legacy, add_prefix_space;
  std::vector<AddedToken> added;           ///< by ascending id
  std::vector<std::string> other_special;  ///< additional_special_tokens
  std::string chat_template;

  /// The id of the token that a key such as bos_token names, if it does. Throws FileError if the
  /// vocabulary, added tokens included, lacks it.
  std::optional<TokenId> id_of(const std::optional<std::string>& content,
                               const Vocabulary& vocabulary) const;
};

/// Reads what there is of the four files in `folder`; missing ones say nothing. Throws FileError or
/// ConfigError for unreadable JSON, values of the wrong type, and files that contradict each other.
TokenizerConfig read_tokenizer_config(const std::filesystem::path& folder);

/// Reads an AddedToken's flags and content; `special` is what a missing key means.
AddedToken read_added_token(const JsonObject& json, TokenId id, bool special);

}  // namespace pangu::text
