// SPDX-License-Identifier: Apache-2.0
// Many replies at once: weights are read once for a token of each of them, and replies come and go
// without stopping the others.
//
//   pangu::BatchEngine batch(engine);
//   for (const auto& prompt : prompts) batch.submit(prompt, {.max_tokens = 100});
//   while (batch.step()) {
//     for (const auto& [request, generation] : batch.take_finished()) ...
//   }
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "pangu/generation.h"
#include "pangu/token.h"

namespace pangu {

class Engine;

struct BatchOptions {
  std::int64_t max_replies = 16;  ///< written at the same time; at least 1. Others wait.
  std::int64_t context = 0;  ///< positions that one prompt and its reply may have; 0: the engine's
  /// Positions of the cache, over all replies; 0: max_replies times `context`. Raised to `context`
  /// if less. Where it is too small for all, the youngest reply is computed anew later.
  std::int64_t cache_positions = 0;
  /// Whether what was computed stays in the cache, as long as nobody else needs the room: prompts
  /// that begin like an earlier prompt and its reply, as the next turn of a chat does, compute only
  /// what is new. Of that, what was used longest ago goes first.
  bool keep_prefixes = true;
  /// A folder in which what is kept outlives the process: prompts find it there after a restart,
  /// checked and the same bits, with the same model, formats, instruction set and program. Engines
  /// and processes may share one. Empty: nothing is written.
  std::filesystem::path cache_dir = {};
  /// Size of all such files in the folder; those that were used longest ago go first.
  std::uint64_t cache_dir_bytes = std::uint64_t{16} << 30;
  /// Hears, from another thread, where they cannot be written (a full disk); nothing else comes of
  /// it.
  std::function<void(const std::string&)> on_cache_failure = {};
};

/// What was computed, and how long it took. A pass that does both is shared out by its rows.
struct BatchStats {
  std::int64_t prompt_tokens = 0;    ///< run through the model as prompts, repetitions included
  std::int64_t shared_tokens = 0;    ///< of prompts, taken from others with the same beginning
  std::int64_t recalled_tokens = 0;  ///< of these, read from BatchOptions::cache_dir
  std::int64_t reply_tokens = 0;  ///< of replies that were written by passes over their last token
  std::int64_t drafted_tokens = 0;   ///< guesses at such tokens that passes checked, and tokens
                                     ///< that a grammar left no choice of
  std::int64_t accepted_tokens = 0;  ///< of these, those that came
  std::int64_t evictions = 0;        ///< replies that had to give their pages back
  std::int64_t cache_positions = 0;  ///< that the cache has room for
  std::int64_t free_positions = 0;   ///< of them, in pages that nothing is in
  std::int64_t kept_positions = 0;   ///< of them, in pages that are kept, and that no reply uses
  double prompt_s = 0;
  double reply_s = 0;
};

/// A reply that is over, under the number that submit() gave.
struct BatchReply {
  std::int64_t request;
  Generation generation;
};

/// Writes replies with the model, the draft model and the options of an engine, and a cache of its
/// own. A reply is the same, bit for bit, as Engine::generate gives for its prompt alone. Movable.
/// Engine and batches made from it are one thing to threads: one call at a time over all of them;
/// only GenerateOptions::cancel may be requested from anywhere at any time.
class BatchEngine {
 public:
  /// The engine must outlive it; it may be moved. Throws OutOfMemory if the cache does not fit the
  /// machine, ConfigError for a context that the model cannot have and for options out of range,
  /// FileError for a folder that cannot be written to.
  explicit BatchEngine(Engine& engine, const BatchOptions& options = {});
  BatchEngine(BatchEngine&&) noexcept;
  BatchEngine& operator=(BatchEngine&&) noexcept;
  ~BatchEngine();

  /// Queues a prompt and returns its number, counted from 0; computes nothing yet. `on_token` is
  /// called from step(), for the tokens of this reply in order. Throws InputError for a prompt that
  /// is empty, fills the context or has ids outside the vocabulary, ConfigError for options out of
  /// range; then nothing is queued.
  std::int64_t submit(std::span<const TokenId> prompt, const GenerateOptions& options = {},
                      TokenCallback on_token = {});

  /// One pass over the model, for at most 512 tokens of prompts and all replies that are being
  /// written; returns whether there is more to do. What a callback throws, and damaged logits
  /// (NumericError), end the reply they belong to as cancelled and are passed on after the pass; a
  /// pass that failed (OutOfMemory) changes nothing. Either way step() may be called again.
  bool step();

  /// How many tokens of prompts a pass takes from now on, 1 to 512 (where it begins): fewer let
  /// replies that are being written wait less for prompts that come. Changes no reply. Throws
  /// ConfigError.
  void limit_prompt_tokens(std::int64_t n);

  /// The replies that ended since the last call, in the order in which they ended.
  std::vector<BatchReply> take_finished();

  /// Ends a reply as cancelled, with what it has; false if it is over already, or unknown.
  bool cancel(std::int64_t request);

  std::size_t waiting() const;  ///< replies that are not being written yet
  std::size_t running() const;  ///< replies that are
  BatchStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pangu
