// SPDX-License-Identifier: Apache-2.0
// Speed of speculation on recorded texts: the tokens are those of the recording, everything is
// computed as ever. Shows what speculation does for a text on a model of a given shape, without the
// weights that would write it.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "measure/benchmark.h"
#include "pangu/speculation.h"
#include "runtime/model.h"

namespace pangu {

/// A reply as it was written once.
struct Recording {
  std::string name;
  std::vector<TokenId> prompt, reply;  ///< at least one token, at least two
};

/// One line of a recording; `line` is its number and `where` names it in errors. Throws
/// ConfigError.
Recording parse_recording(std::string_view text, std::int64_t line, const std::string& where,
                          std::int64_t vocabulary);
/// Reads a file of JSON lines {"name": TEXT, "prompt": [ID, ...], "reply": [ID, ...]}; lines may
/// share a name, and one without is called by its number. Throws FileError and ConfigError naming
/// file and line.
std::vector<Recording> read_recordings(const std::filesystem::path& path, std::int64_t vocabulary);

/// Made-up replies that show what speculation does at its best and at its worst: one that quotes
/// its prompt, one that repeats a frame with other words in it, as code does, one of random tokens,
/// one that changes between quoting and random tokens every 50, and one that quotes for its first
/// half.
std::vector<Recording> synthetic_recordings(std::int64_t vocabulary, std::int64_t prompt_tokens,
                                            std::int64_t reply_tokens);

struct ReplayOptions {
  std::vector<SpeculationOptions> ways;  ///< each is compared with plain decoding
  KvFormat kv = KvFormat::kBF16;
  int repetitions = 3;
  ProgressFn progress;
  std::stop_token cancel = {};  ///< checked between passes; throws Cancelled
};

/// What one way of speculation made of the recordings of one name.
struct ReplayWay {
  SpeculationMode mode = SpeculationMode::kOff;
  Spread tokens_per_s;
  Spread speed_up;               ///< of each repetition, over its plain decoding
  SpeculationStats speculation;  ///< of all repetitions
};

struct ReplayResult {
  std::string name;
  std::int64_t replies = 0;
  std::int64_t tokens = 0;  ///< of the replies, without the first of each
  Spread plain_tokens_per_s;
  std::vector<ReplayWay> ways;
};

/// Recordings of one name are decoded one after the other, each plainly and in every way before the
/// next, so that all meet the same load of the machine. A repetition begins with empty caches and
/// knows nothing of what was decoded before. `draft` is null unless the options name a draft model.
/// Throws what Generator does, and Cancelled.
std::vector<ReplayResult> run_replay(const Model& model, const Model* draft, Context& ctx,
                                     const std::vector<Recording>& recordings,
                                     const ReplayOptions& options);

}  // namespace pangu
