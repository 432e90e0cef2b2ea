// SPDX-License-Identifier: Apache-2.0
#include "serve/api/token_endpoints.h"

#include <fmt/format.h>

#include "serve/api/chat_messages.h"
#include "serve/api/prompt_checks.h"
#include "serve/api_error.h"

namespace pangu::serve {
namespace {

/// The text of tokens, the names of markers included.
std::string text_with_markers(const Tokenizer& tokenizer, std::span<const TokenId> ids) {
  std::string out;
  for (const TokenId id : ids) {
    const std::string& bytes = tokenizer.bytes(id);
    out += bytes.empty() ? tokenizer.piece(id) : bytes;
  }
  return out;
}

}  // namespace

Json tokenize_json(const ServedModel& model, Fields& body) {
  auto text = body.text("content");
  if (!text) text = body.text("prompt");
  if (!text) throw bad_request("content", "content is missing: the text was expected.");
  EncodeOptions encode;
  encode.add_bos = body.boolean("add_special").value_or(false);
  encode.parse_special = body.boolean("parse_special").value_or(true);
  const Tokenizer& tokenizer = *model.engine().tokenizer();
  const std::vector<TokenId> ids = tokenizer.encode(*text, encode);
  Json out = {{"count", ids.size()}, {"max_model_len", model.engine().context()}};
  if (!body.boolean("with_pieces").value_or(false)) {
    out["tokens"] = ids;
    return out;
  }
  out["tokens"] = Json::array();
  for (const TokenId id : ids)
    out["tokens"].push_back({{"id", id}, {"piece", tokenizer.piece(id)}});
  return out;
}

Json detokenize_json(const ServedModel& model, Fields& body) {
  const OrderedJson* tokens = body.find("tokens");
  if (tokens == nullptr) throw bad_request("tokens", "tokens is missing.");
  const std::int64_t size = model.model().config().vocab_size;
  const std::string expected = fmt::format("an array of whole numbers from 0 to {}", size - 1);
  if (!tokens->is_array()) body.reject("tokens", expected);
  std::vector<TokenId> ids;
  for (const OrderedJson& id : *tokens) {
    if (!id.is_number_integer() || id < 0 || id >= size) body.reject("tokens", expected);
    ids.push_back(id.get<TokenId>());
  }
  const std::string text = model.engine().tokenizer()->decode(ids);
  return {{"content", text}, {"prompt", text}};
}

Json template_json(const ServedModel& model, Fields& body) {
  const ChatRequest chat = read_chat(body);
  const std::vector<TokenId> ids = conversation_prompt(model, chat);
  return {{"prompt", text_with_markers(*model.engine().tokenizer(), ids)}, {"tokens", ids}};
}

}  // namespace pangu::serve
