// SPDX-License-Identifier: Apache-2.0
// Texts that a request gives as text or as tokens: one, or a list.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pangu/token.h"
#include "serve/api/fields.h"
#include "serve/scheduler/served_model.h"

namespace pangu::serve {

struct TextInput {
  std::vector<TokenId> ids;
  std::string text;
};

/// Reads `key`: a string, tokens, or a list of at most `most` of either. Texts are tokenized as
/// prompts are. Throws ApiError as checked_prompt().
std::vector<TextInput> read_text_inputs(const ServedModel& model, Fields& body,
                                        std::string_view key, std::int64_t most);

}  // namespace pangu::serve
