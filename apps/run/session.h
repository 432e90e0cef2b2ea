// SPDX-License-Identifier: Apache-2.0
// A loaded model with what `pangu run` was asked: gives one reply after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "adaptive/route/routed_engines.h"
#include "adaptive/thinking/thinking_chooser.h"
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
  /// Loads the model, with a bar on the terminal if that takes long; of a bundle with --auto only
  /// what recognises requests. Ctrl-C throws Cancelled.
  Session(const RunOptions& options, CommandFrame& frame);

  /// Makes ready for an answer to the last of these messages: with --auto the engine is chosen
  /// here, and there is none before; with --think auto how long to think, which is remarked on.
  void prepare(std::span<const Message> messages);
  /// How such an answer is thought about.
  Thinking thinking() const;
  /// Forgets the conversation, so that the next message is free to be answered by anything.
  void begin_conversation();

  /// Generates and, without --json, prints the text as it comes, with a newline at its end. Ctrl-C
  /// ends the reply early; its finish_reason tells. Warns of a reply that the context cut off.
  Answer answer(std::span<const TokenId> prompt);

  const RunOptions& options() const { return options_; }
  const Engine& engine() const { return routed_ ? routed_->engine() : *engine_; }
  /// The last choice of --auto; null without.
  const adaptive::RouteRecord* route() const { return route_; }
  const SamplingOptions& sampling() const { return generate_.sampling; }
  const Summary& summary() const { return summary_; }
  Interrupts& interrupts() { return frame_.interrupts(); }
  /// What was decided last; none without --think auto.
  const std::optional<adaptive::ThinkingDecision>& decision() const { return decision_; }
  /// Tokens that a conversation should leave a reply: a quarter of the context, or what
  /// --max-tokens allows if that is less.
  std::int64_t reply_room() const;
  /// The block of numbers on standard error, unless -q.
  void note_summary() const;

 private:
  void route(std::span<const Message> messages);
  /// What the first engine tells of the model.
  void configure();
  void warn_of_missing_parts(const Generation& generation, bool hides_reasoning) const;

  const RunOptions& options_;
  CommandFrame& frame_;
  ProgressBar bar_;
  std::optional<Engine> engine_;
  std::unique_ptr<adaptive::ThinkingChooser> chooser_;  ///< of --think auto
  std::optional<adaptive::ThinkingDecision> decision_;
  std::unique_ptr<adaptive::RoutedEngines> routed_;  ///< in the engine's place, with --auto
  const adaptive::RouteRecord* route_ = nullptr;
  bool is_configured_ = false;
  GenerateOptions generate_;
  Summary summary_;
};

}  // namespace pangu::app
