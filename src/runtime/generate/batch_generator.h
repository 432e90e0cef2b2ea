// SPDX-License-Identifier: Apache-2.0
// Many replies at once, with continuous batching: every pass over the model takes a token of each
// reply that is being written, with the tokens that speculation guesses behind it, and pieces of
// the prompts that wait, so that weights are read once for all of them. Replies come and go without
// stopping the others.
// Source: Yu et al. 2022, "Orca" (OSDI 2022).
//
// A reply is the same, bit for bit, as Generator gives for its prompt alone: the engine's logits do
// not depend on the batch, and draws depend on seed and position only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "pangu/batch.h"
#include "pangu/generation.h"
#include "runtime/cache/context_length.h"
#include "runtime/cache/kv_cache.h"
#include "runtime/cache/prefix_cache.h"
#include "runtime/model.h"
#include "runtime/prefill_chunk.h"
#include "runtime/sample/sampler.h"
#include "runtime/speculation/speculation.h"

namespace pangu {

struct BatchGeneratorOptions {
  int64_t max_replies = 16;           ///< written at the same time; at least 1
  int64_t context = kDefaultContext;  ///< positions that one prompt and its reply may have
  int64_t told_context = 0;           ///< as checked_positions() has it
  /// Positions of the cache, over all replies; raised to `context` if less. Where it is too small
  /// for all, the youngest reply gives its pages back and is computed anew later.
  int64_t cache_positions = 16 * kDefaultContext;
  KvFormat kv = KvFormat::kBF16;
  int64_t pass_tokens = kPrefillChunk;  ///< prompt tokens in one pass, at most
  SpeculationOptions speculation = {.mode = SpeculationMode::kOff};
  /// Whether replies that are over leave their pages for prompts with the same beginning, as long
  /// as nobody else needs the room.
  KeepPrefixes keep = KeepPrefixes::kNo;
  /// Where they are written to, and looked for, beyond the cache; page_bytes are those of the
  /// cache.
  std::optional<PageStoreOptions> store = {};
};

class DraftRows;

class BatchGenerator {
 public:
  /// Model and context must outlive it. Throws OutOfMemory if the cache does not fit the machine,
  /// ConfigError for a context that the model cannot have, and for options below 1; what
  /// Speculation throws. `draft` is the draft model of the speculation options, if they name one.
  BatchGenerator(const Model& model, Context& ctx, const BatchGeneratorOptions& options,
                 const Model* draft = nullptr);
  ~BatchGenerator();

  // As the members of BatchEngine.
  int64_t submit(std::span<const TokenId> prompt, const GenerateOptions& options,
                 TokenCallback on_token = {});

  /// One pass over the model; returns whether there is more to do. What a callback throws, and
  /// damaged logits (NumericError), end the reply they belong to as cancelled and are passed on
  /// after the pass; a failed pass changes nothing. Either way step() may be called again.
  bool step();

  /// As the member of BatchEngine.
  void limit_prompt_tokens(int64_t n);

  /// The replies that ended since the last call, in the order in which they ended.
  std::vector<BatchReply> take_finished();

  /// Ends a reply as cancelled, with what it has; false if it is over already.
  bool cancel(int64_t request);

  /// Ends a reply without a word to its callback, and forgets what came of it.
  void discard(int64_t request);

  std::size_t waiting() const { return waiting_.size(); }
  std::size_t running() const { return running_.size(); }
  BatchStats stats() const;

 private:
  struct Request;
  struct Pass;
  using RequestPtr = std::unique_ptr<Request>;

  /// Takes a request out of wherever it is; null if it is over.
  RequestPtr take(int64_t number);
  void end_cancelled();
  void admit();
  bool try_admit(Request& request);
  void open_speculation();
  void plan(Pass& pass);
  void undo(Pass& pass);
  bool make_room(std::size_t index, int64_t n);
  void evict_youngest();
  void run(Pass& pass);
  struct Part;
  static Speculation::Turn turn(Request& request);
  int64_t draft();
  /// Takes what comes after the rows of a part; returns whether the reply goes on.
  bool advance(Part& part, const float* logits);
  bool advance_draft(Request& request, DraftRows& rows, const float* logits);
  /// Takes the token after one row.
  bool take_token(Request& request, const float* row);
  void retire(RequestPtr request);

  const Model& model_;
  Context& ctx_;
  BatchGeneratorOptions options_;
  std::vector<TokenId> eos_ids_;
  KvCache cache_;
  std::unique_ptr<PageStore> store_;  ///< null if there is none
  PrefixCache prefixes_;
  Speculation speculation_;  ///< outlives the requests, which have sequences in its caches
  std::deque<RequestPtr> waiting_;
  std::vector<RequestPtr> running_;  ///< oldest first
  std::vector<BatchReply> finished_;
  SamplerScratch scratch_;
  BatchStats stats_;
  int64_t next_ = 0;
};

}  // namespace pangu
