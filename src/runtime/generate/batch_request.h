// SPDX-License-Identifier: Apache-2.0
// What BatchGenerator knows of one reply, and of a pass that is planned.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/resources.h"
#include "runtime/generate/batch_generator.h"
#include "runtime/generate/reply.h"
#include "runtime/speculation/draft_rows.h"
#include "runtime/speculation/speculation_sequence.h"

namespace pangu {

struct BatchGenerator::Request {
  Request(int64_t request, const Model& model, std::span<const TokenId> prompt,
          const GenerateOptions& generate, std::span<const TokenId> eos_ids, int64_t room,
          TokenCallback on_token)
      : number(request),
        options(generate),
        sampler(generate.sampling),
        history(sampler.make_history()),
        reply(model, options, eos_ids, prompt, room, std::move(on_token)) {
    history.append_prompt(prompt);
    reply.result.prompt_tokens = static_cast<int64_t>(prompt.size());
  }

  /// Tokens that are not in the cache yet.
  std::span<const TokenId> pending() const {
    return history.tokens().subspan(static_cast<std::size_t>(cached));
  }
  bool writes() const { return !reply.result.ids.empty(); }
  /// Whether the next pass gives it a token for one row.
  bool decodes() const { return writes() && pending().size() == 1; }

  void push(TokenId id) {
    history.push(id);
    held->tokens.push_back(id);
  }

  int64_t number;
  GenerateOptions options;
  Sampler sampler;
  TokenHistory history;
  Reply reply;
  PrefixCache::Entry* held = nullptr;                  ///< while it runs; has all tokens
  int64_t cached = 0;                                  ///< of them, those that the cache holds
  std::unique_ptr<Speculation::Sequence> speculation;  ///< once a token is to be written
  Stopwatch watch;  ///< since it was admitted, then since its first token
};

/// What one request has in a pass.
struct BatchGenerator::Part {
  Request* request;
  int64_t tokens;  ///< without drafted ones
  bool gives_logits;
  std::optional<DraftRows> draft;

  int64_t logit_rows() const { return draft ? draft->size() : gives_logits ? 1 : 0; }
};

struct BatchGenerator::Pass {
  Batch batch;
  std::vector<Part> parts;
  std::vector<Speculation::Turn> turns;
  int64_t rows = 0;  ///< without drafts
};

}  // namespace pangu
