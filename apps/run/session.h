// SPDX-License-Identifier: Apache-2.0
// A loaded model with what `pangu run` was asked: gives one reply after the other.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "apps/run/run_options.h"
#include "apps/run/summary.h"
#include "apps/shared/command_frame.h"
#include "pangu/engine.h"

namespace pangu::app {

/// A reply, with the log-probabilities that were asked for.
struct Answer {
  Generation generation;
  std::vector<GeneratedToken> tokens;  ///< empty unless --logprobs was given
};

class Session {
 public:
  /// Loads the model, with a bar on the terminal if that takes long. Ctrl-C throws Cancelled.
  Session(const RunOptions& options, CommandFrame& frame);

  /// Generates and, without --json, prints the text as it comes, with a newline at its end. Ctrl-C
  /// ends the reply early; its finish_reason tells. Warns of a reply that the context cut off.
  Answer answer(std::span<const TokenId> prompt);

  const RunOptions& options() const { return options_; }
  const Engine& engine() const { return engine_; }
  const SamplingOptions& sampling() const { return generate_.sampling; }
  const Summary& summary() const { return summary_; }
  Interrupts& interrupts() { return frame_.interrupts(); }
  /// Tokens that a conversation should leave a reply: a quarter of the context, or what
  /// --max-tokens allows if that is less.
  std::int64_t reply_room() const;
  /// The block of numbers on standard error, unless -q.
  void note_summary() const;

 private:
  void warn_of_missing_parts(const Generation& generation, bool hides_reasoning) const;

  const RunOptions& options_;
  CommandFrame& frame_;
  Engine engine_;
  GenerateOptions generate_;
  Summary summary_;
};

}  // namespace pangu::app
