// SPDX-License-Identifier: Apache-2.0
// Speed of speculation on recorded texts: the tokens are those of the recording, everything is
// computed as ever. Shows what speculation does for a text on a model of a given shape, without the
// weights that would write it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/progress.h"
#include "pangu/speculation.h"
#include "runtime/benchmark.h"
#include "runtime/model.h"

namespace pangu {

/// A reply as it was written once.
struct Recording {
  std::string name;
  std::vector<TokenId> prompt, reply;  ///< at least one token, at least two
};

/// Reads a file of JSON lines {"name": TEXT, "prompt": [ID, ...], "reply": [ID, ...]}; a line
/// without a name is called by its number. Throws FileError and ConfigError naming file and line.
std::vector<Recording> read_recordings(const std::filesystem::path& path, std::int64_t vocabulary);

/// Made-up replies that show what speculation does at its best and at its worst: one that quotes
/// its prompt, one that repeats a frame with other words in it, as code does, one of random tokens,
/// one that changes between quoting and random tokens every 50, and one that quotes for its first
/// half.
std::vector<Recording> synthetic_recordings(std::int64_t vocabulary, std::int64_t prompt_tokens,
                                            std::int64_t reply_tokens);

struct ReplayOptions {
  SpeculationOptions speculation;
  KvFormat kv = KvFormat::kBF16;
  int repetitions = 3;
  ProgressFn progress;
};

struct ReplayResult {
  std::string name;
  std::int64_t tokens = 0;  ///< of the reply, without the first
  Spread plain_tokens_per_s, tokens_per_s;
  Spread speed_up;               ///< of each repetition, which runs both one right after the other
  SpeculationStats speculation;  ///< of all repetitions
};

/// Each run starts with an empty cache and knows nothing of the others. `draft` is null unless the
/// options name a draft model. Throws what Generator does.
std::vector<ReplayResult> run_replay(const Model& model, const Model* draft, Context& ctx,
                                     const std::vector<Recording>& recordings,
                                     const ReplayOptions& options);

}  // namespace pangu
