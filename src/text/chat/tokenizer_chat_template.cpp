// SPDX-License-Identifier: Apache-2.0
#include "text/chat/tokenizer_chat_template.h"

#include <optional>
#include <string>

#include "base/error.h"

namespace pangu {
namespace {

std::string special_string(const Tokenizer& tokenizer, std::optional<TokenId> id) {
  return id ? tokenizer.piece(*id) : std::string();
}

}  // namespace

ChatTemplate chat_template_of(const Tokenizer& tokenizer, const std::filesystem::path& path) {
  if (tokenizer.chat_template().empty()) {
    fail<ConfigError>(
        "[chat] {} has no chat template (tokenizer_config.json, chat_template). Use a model made "
        "for chat, or give a plain prompt with -p.",
        path.string());
  }
  return ChatTemplate::parse(tokenizer.chat_template(),
                             {.bos_token = special_string(tokenizer, tokenizer.bos_id()),
                              .eos_token = special_string(tokenizer, tokenizer.eos_id()),
                              .unk_token = special_string(tokenizer, tokenizer.unk_id()),
                              .pad_token = special_string(tokenizer, tokenizer.pad_id()),
                              .origin = "the chat template of " + path.string()});
}

}  // namespace pangu
