// SPDX-License-Identifier: Apache-2.0
#include "serve/api/legacy_logprobs.h"

#include <algorithm>
#include <utility>

#include "runtime/engine_parts.h"
#include "runtime/score/logprobs.h"
#include "runtime/score/scoring.h"
#include "serve/api/openai_parts.h"

namespace pangu::serve {
namespace {

const std::string& token_text(const Tokenizer& tokenizer, TokenId id) {
  const std::string& bytes = tokenizer.bytes(id);
  return bytes.empty() ? tokenizer.piece(id) : bytes;
}

std::int64_t characters(const std::string& text) {
  return std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; });
}

}  // namespace

LegacyLogprobs::LegacyLogprobs(std::shared_ptr<const Tokenizer> tokenizer,
                               std::span<const TokenId> before)
    : tokenizer_(std::move(tokenizer)), decoder_(tokenizer_) {
  decoder_.prime(before);
}

void LegacyLogprobs::add(const GeneratedToken& token) {
  const std::string& text = token_text(*tokenizer_, token.id);
  tokens_.push_back(text);
  offsets_.push_back(offset_);
  offset_ += characters(decoder_.push(token.id));
  logprobs_.push_back(token.logprob ? Json(finite_logprob(*token.logprob)) : Json());
  if (!token.logprob) return top_.push_back(nullptr);
  Json top = Json::object();
  for (const TokenLogprob& other : token.top) {
    top[token_text(*tokenizer_, other.id)] = finite_logprob(other.logprob);
  }
  top_.push_back(std::move(top));
}

Json LegacyLogprobs::take() {
  return {{"tokens", std::exchange(tokens_, Json::array())},
          {"token_logprobs", std::exchange(logprobs_, Json::array())},
          {"top_logprobs", std::exchange(top_, Json::array())},
          {"text_offset", std::exchange(offsets_, Json::array())}};
}

std::vector<GeneratedToken> score_prompt(Engine& engine, std::span<const TokenId> prompt,
                                         int top_logprobs) {
  std::vector<GeneratedToken> out;
  for (const TokenId id : prompt) out.push_back({.id = id, .text = {}, .logprob = {}, .top = {}});
  if (prompt.size() < 2) return out;
  const Model& model = EngineParts::model(engine);
  Scorer scorer(model, EngineParts::context(engine),
                {.context = engine.context(),
                 .cache_positions = std::ssize(prompt),
                 .kv = EngineParts::kv_format(engine)});
  const std::vector<Scorer::Group> groups = {
      {ScoredText{.ids = {prompt.begin(), prompt.end()}, .from = 1}}};
  scorer.visit(groups, [&](const PassLogits& pass) {
    for (const PassLogits::Asked& asked : pass.asked) {
      const auto at = static_cast<std::size_t>(asked.index);
      const auto row = pass.row(asked.row).first(static_cast<std::size_t>(model.known_ids()));
      TokenLogprobs found = token_logprobs(row, prompt[at], top_logprobs);
      out[at].logprob = found.chosen.logprob;
      out[at].top = std::move(found.top);
    }
  });
  return out;
}

}  // namespace pangu::serve
