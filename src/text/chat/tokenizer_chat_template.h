// SPDX-License-Identifier: Apache-2.0
// The chat template that came with a tokenizer.
#pragma once

#include <filesystem>

#include "pangu/tokenizer.h"
#include "text/chat/chat_template.h"

namespace pangu {

/// The template with the tokenizer's special strings; `path` names the model in messages. Throws
/// ConfigError if none came with it, and what ChatTemplate::parse() does.
ChatTemplate chat_template_of(const Tokenizer& tokenizer, const std::filesystem::path& path);

}  // namespace pangu
